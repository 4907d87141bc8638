// The assigned key pair in a folder of ssh's, as it is now.
//
// Threads: one.
#ifndef HOMEPORT_CLI_SSH_IDENTITY_H_
#define HOMEPORT_CLI_SSH_IDENTITY_H_

#include "absl/status/statusor.h"
#include "cli/invocation.h"
#include "cli/openssh/key_folder.h"

namespace homeport {

// Fetches the private key of `user`, who calls, if the folder does not have it. False, with a
// remark for the person, if the settings forbid to download it; then none is in the folder.
absl::StatusOr<bool> FetchIdentity(Invocation& invocation, const v1::User& user,
                                   const KeyFolder& folder);

}  // namespace homeport

#endif  // HOMEPORT_CLI_SSH_IDENTITY_H_
