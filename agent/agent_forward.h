// The client's ssh-agent in the workspace: auth-agent-req@openssh.com and auth-agent@openssh.com
// channels.
//
// One socket a connection, in a folder that nobody else may enter (/tmp/ssh-XXXXXXXXXX/agent.PID).
// Both are gone when this object is. As with sshd, all sessions that start after the first request
// have it in SSH_AUTH_SOCK, and further requests fail.
//
// Threads: the loop's.
#ifndef HOMEPORT_AGENT_AGENT_FORWARD_H_
#define HOMEPORT_AGENT_AGENT_FORWARD_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "agent/channel_acceptor.h"
#include "agent/unix_listener.h"
#include "base/event_loop.h"
#include "ssh/connection_server.h"

namespace homeport::agent {

class AgentForward {
 public:
  // Both outlive this object.
  AgentForward(EventLoop& loop, ssh::ConnectionServer& server) : loop_(loop), server_(server) {}
  ~AgentForward();
  AgentForward(const AgentForward&) = delete;
  AgentForward& operator=(const AgentForward&) = delete;

  // Makes the socket. ALREADY_EXISTS if it is there, else an error that names what cannot be made.
  absl::Status Start();
  // For SSH_AUTH_SOCK; empty before Start.
  std::string socket_path() const { return listener_.has_value() ? listener_->path() : ""; }

 private:
  EventLoop& loop_;
  ssh::ConnectionServer& server_;
  std::string folder_;  // empty before Start
  std::optional<UnixListener> listener_;
  std::unique_ptr<ChannelAcceptor> acceptor_;  // the listener's: goes first
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_AGENT_FORWARD_H_
