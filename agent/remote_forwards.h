// What a client has asked the workspace to listen on: tcpip-forward and cancel-tcpip-forward (RFC
// 4254, 7.1), streamlocal-forward@openssh.com and cancel-streamlocal-forward@openssh.com (OpenSSH
// PROTOCOL, 2.4).
//
// As sshd with GatewayPorts no and StreamLocalBindUnlink no: TCP listens on loopback only, whatever
// address was asked for; a path that exists is refused. Each connection becomes a forwarded-tcpip
// or forwarded-streamlocal@openssh.com channel that names what the client asked for. Ports and
// sockets are free again when they are cancelled or this object goes.
//
// Threads: the loop's.
#ifndef HOMEPORT_AGENT_REMOTE_FORWARDS_H_
#define HOMEPORT_AGENT_REMOTE_FORWARDS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/event_loop.h"
#include "ssh/connection_server.h"

namespace homeport::agent {

class RemoteForwards {
 public:
  // Both outlive this object. More than `max_forwards` at a time are refused.
  RemoteForwards(EventLoop& loop, ssh::ConnectionServer& server, size_t max_forwards);
  ~RemoteForwards();

  // Whether it is one of the four requests.
  static bool Serves(absl::string_view request);
  // Carries out one request and answers it. False if it is malformed: the client breaks the
  // protocol.
  bool OnRequest(const std::string& name, absl::string_view payload, bool want_reply,
                 const ssh::ConnectionServer::GlobalReply& reply);

 private:
  class Forward;

  bool OnListenTcp(WireReader reader, bool want_reply,
                   const ssh::ConnectionServer::GlobalReply& reply);
  bool OnListenUnix(WireReader reader, const ssh::ConnectionServer::GlobalReply& reply);
  bool OnCancel(bool tcp, WireReader reader, const ssh::ConnectionServer::GlobalReply& reply);

  EventLoop& loop_;
  ssh::ConnectionServer& server_;
  const size_t max_forwards_;
  // By what the client asked for, with the port that it was given for 0; a path has port 0.
  std::map<std::pair<std::string, uint32_t>, std::unique_ptr<Forward>> forwards_;
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_REMOTE_FORWARDS_H_
