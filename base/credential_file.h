// The credential that a service of ours shows, in its file: one that Homeport handed out, or a
// service-account token that the kubelet puts there and replaces. So it is read anew each time.
//
// Threads: any; blocks as files do.
#ifndef HOMEPORT_BASE_CREDENTIAL_FILE_H_
#define HOMEPORT_BASE_CREDENTIAL_FILE_H_

#include <string>

#include "absl/status/statusor.h"

namespace homeport {

// The credential, which can be sent as it is. Errors name the file and what is wrong with it.
//
// As ReadSecretFile, but that everybody may read a token (JWT) that is root's and that only root
// can change: without an fsGroup the kubelet gives it mode 0644, and nobody can make it another.
absl::StatusOr<std::string> ReadCredentialFile(const std::string& path);

}  // namespace homeport

#endif  // HOMEPORT_BASE_CREDENTIAL_FILE_H_
