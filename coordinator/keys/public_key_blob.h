// Which public keys people may sign in with.
//
// Taken are ssh-ed25519, ecdsa-sha2-nistp256, -nistp384 and -nistp521, ssh-rsa of 2048 to 16384
// bits, sk-ssh-ed25519@openssh.com and sk-ecdsa-sha2-nistp256@openssh.com. No certificates: whoever
// signed one would let others in.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_KEYS_PUBLIC_KEY_BLOB_H_
#define HOMEPORT_COORDINATOR_KEYS_PUBLIC_KEY_BLOB_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace homeport {

// Whether keys of this name are taken. INVALID_ARGUMENT says why not; it repeats no name.
absl::Status CheckPublicKeyAlgorithm(absl::string_view algorithm);

// Whether a blob (RFC 4253, 6.6) is exactly one key of those algorithms: numbers in their one right
// form, a point that is on its curve, nothing after it. INVALID_ARGUMENT says what is wrong.
absl::Status CheckPublicKeyBlob(absl::string_view blob);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_KEYS_PUBLIC_KEY_BLOB_H_
