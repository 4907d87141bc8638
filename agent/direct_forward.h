// Channels that the client opens towards something in the workspace: direct-tcpip (RFC 4254, 7.2)
// and direct-streamlocal@openssh.com (OpenSSH PROTOCOL, 2.4).
//
// Each is answered when the connection stands or has failed, with sshd's reason and words, and is a
// SocketChannel from then on.
//
// Threads: the loop's.
#ifndef HOMEPORT_AGENT_DIRECT_FORWARD_H_
#define HOMEPORT_AGENT_DIRECT_FORWARD_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "agent/stream_connect.h"
#include "base/event_loop.h"
#include "base/worker_pool.h"
#include "ssh/connection_server.h"

namespace homeport::agent {

class DirectForward {
 public:
  // Both outlive this object. `connect_limit` is for each address of a host.
  DirectForward(EventLoop& loop, WorkerPool& resolver, absl::Duration connect_limit);

  // Whether it is one of the two types.
  static bool Serves(absl::string_view type);
  // Connects for one open; `payload` is what is special to the type.
  ssh::ConnectionServer::OpenResult Open(const std::string& type, absl::string_view payload);

 private:
  void Connect(bool to_path, const std::string& target, int port,
               const ssh::ConnectionServer::OpenAnswer& answer);

  EventLoop& loop_;
  WorkerPool& resolver_;
  const absl::Duration connect_limit_;
  uint64_t next_ = 1;
  std::map<uint64_t, std::unique_ptr<StreamConnect>> under_way_;
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_DIRECT_FORWARD_H_
