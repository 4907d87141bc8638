// The workspace's credential, in its file.
//
// Threads: any; blocks as files do.
#ifndef HOMEPORT_AGENT_CREDENTIAL_H_
#define HOMEPORT_AGENT_CREDENTIAL_H_

#include <string>

#include "absl/status/statusor.h"

namespace homeport::agent {

// The credential, which can be sent as it is. Errors name the file and what is wrong with it.
absl::StatusOr<std::string> ReadCredential(const std::string& path);

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_CREDENTIAL_H_
