// Public keys as people compare them.
//
// Threads: any.
#ifndef HOMEPORT_BASE_KEY_FINGERPRINT_H_
#define HOMEPORT_BASE_KEY_FINGERPRINT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace homeport {

// The fingerprint of an SSH public key blob as OpenSSH prints it: "SHA256:…", in base64 without
// padding.
std::string KeyFingerprint(absl::string_view public_key_blob);

// With the algorithm before it: "ssh-ed25519 SHA256:…"; "unknown" for something that names none.
std::string DescribeKey(absl::string_view public_key_blob);

}  // namespace homeport

#endif  // HOMEPORT_BASE_KEY_FINGERPRINT_H_
