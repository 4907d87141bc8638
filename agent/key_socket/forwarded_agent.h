// The ssh-agent that a user has forwarded into a session of OpenSSH's (`ssh -A`).
//
// sshd lets ~/.ssh/environment, where the key socket stands, overrule the SSH_AUTH_SOCK of a
// forwarded agent. For the user's own agent to win in its session all the same, the key socket
// hands a client from such a session on to it.
//
// Threads: any; blocks as files do.
#ifndef HOMEPORT_AGENT_KEY_SOCKET_FORWARDED_AGENT_H_
#define HOMEPORT_AGENT_KEY_SOCKET_FORWARDED_AGENT_H_

#include <sys/types.h>

#include "base/unique_fd.h"

namespace homeport::agent {

// Connects to the agent that was forwarded into the session that the process belongs to: one whose
// socket is among sshd's by its name, and was made by one of the process's ancestors, which the
// session's sshd is. Invalid if there is none, as for a process that has left its session.
// Non-blocking.
UniqueFd ConnectForwardedAgent(pid_t process);

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_KEY_SOCKET_FORWARDED_AGENT_H_
