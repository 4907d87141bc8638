// The private key file that ssh-keygen writes (OpenSSH PROTOCOL.key).
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_KEYS_OPENSSH_PRIVATE_KEY_H_
#define HOMEPORT_COORDINATOR_KEYS_OPENSSH_PRIVATE_KEY_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace homeport {

// The file for one key, unencrypted. `fields` are the strings of its private section from the
// algorithm's name to before the comment; an mpint is given without its length. The caller wipes
// the file, and the fields.
std::string OpenSshPrivateKeyFile(absl::string_view public_key_blob,
                                  const std::vector<absl::string_view>& fields,
                                  absl::string_view comment);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_KEYS_OPENSSH_PRIVATE_KEY_H_
