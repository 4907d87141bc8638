// The client's X server in the workspace: x11-req and x11 channels (RFC 4254, 6.3).
//
// As sshd with X11UseLocalhost yes and X11DisplayOffset 10: listens on loopback port 6000+N for the
// first N from 10 that is free; each connection becomes an x11 channel. It belongs to a session and
// goes with it; channels that are open go on.
//
// Threads: the loop's.
#ifndef HOMEPORT_AGENT_X11_FORWARD_H_
#define HOMEPORT_AGENT_X11_FORWARD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/channel_acceptor.h"
#include "base/event_loop.h"
#include "base/ssh_wire.h"
#include "base/unique_fd.h"
#include "ssh/connection_server.h"

namespace homeport::agent {

// What an x11-req asks for. Protocol and cookie hold only characters that xauth takes as they are.
struct X11Request {
  bool single_connection = false;
  std::string protocol;  // "MIT-MAGIC-COOKIE-1"
  std::string cookie;    // in hexadecimal; a secret
  uint32_t screen = 0;
};

// INVALID_ARGUMENT says what is malformed.
absl::StatusOr<X11Request> ParseX11Request(WireReader payload);

class X11Forward {
 public:
  // Both outlive the object. RESOURCE_EXHAUSTED if no display is free.
  static absl::StatusOr<std::unique_ptr<X11Forward>> Create(EventLoop& loop,
                                                            ssh::ConnectionServer& server,
                                                            X11Request request);
  X11Forward(const X11Forward&) = delete;
  X11Forward& operator=(const X11Forward&) = delete;

  // For DISPLAY: "localhost:10.0".
  std::string display() const;
  // What `xauth -q -` is to read, so that programs find the cookie.
  std::string xauth_commands() const;
  // What `homeport-agent add-xauthority` is to read, where there is no xauth.
  std::string xauthority_input() const;
  // What ~/.ssh/rc is to read, as sshd(8) says: the protocol and the cookie.
  std::string rc_input() const;

 private:
  X11Forward(X11Request request, int display);

  const X11Request request_;
  const int display_;
  std::vector<UniqueFd> sockets_;
  std::vector<std::unique_ptr<ChannelAcceptor>> acceptors_;  // of the sockets: go first
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_X11_FORWARD_H_
