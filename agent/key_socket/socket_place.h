// The key socket's place in the home folder, which others may have taken before.
//
// Threads: any; blocks as files do.
#ifndef HOMEPORT_AGENT_KEY_SOCKET_SOCKET_PLACE_H_
#define HOMEPORT_AGENT_KEY_SOCKET_SOCKET_PLACE_H_

#include <string>

#include "absl/status/statusor.h"
#include "agent/unix_listener.h"

namespace homeport::agent {

// Listens at `path`. A socket of this account's that nobody answers on, which an agent has left
// behind, is replaced; of two that do so at once, one wins. Anything else that is there is left
// alone: ALREADY_EXISTS says what it is.
//
// On a network file system a socket of another machine's looks like one that nobody answers on.
// Workspaces that share a home folder take the name from each other, and the last to start has it.
absl::StatusOr<UnixListener> ListenAtPlace(const std::string& path);

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_KEY_SOCKET_SOCKET_PLACE_H_
