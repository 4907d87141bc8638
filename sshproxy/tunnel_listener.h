// The port that agents dial: reads each connection's preamble, within a time and for a bounded
// number of connections at once, and hands the socket to whoever expects its ticket.
//
// Threads: the loop's thread.
#ifndef HOMEPORT_SSHPROXY_TUNNEL_LISTENER_H_
#define HOMEPORT_SSHPROXY_TUNNEL_LISTENER_H_

#include <memory>
#include <unordered_map>

#include "absl/time/time.h"
#include "base/event_loop.h"
#include "base/unique_fd.h"
#include "sshproxy/acceptor.h"
#include "sshproxy/pending_tunnels.h"
#include "sshproxy/proxy_metrics.h"

namespace homeport {

class TunnelListener {
 public:
  struct Limits {
    absl::Duration preamble_timeout = absl::Seconds(10);
    size_t waiting = 1024;  // connections that have not sent their preamble yet
  };

  // `tunnels` and `metrics` outlive the listener.
  TunnelListener(EventLoop& loop, UniqueFd listener, const Limits& limits, PendingTunnels& tunnels,
                 ProxyMetrics& metrics);
  ~TunnelListener();

 private:
  struct Waiting {
    UniqueFd socket;
    EventLoop::TimerId timer = 0;
  };

  void OnAccepted(UniqueFd socket);
  void OnReadable(int fd);
  // Takes the connection out of the loop and gives its socket to the caller.
  UniqueFd Take(int fd);
  void Drop(int fd, const char* result, const std::string& why);

  EventLoop& loop_;
  const Limits limits_;
  PendingTunnels& tunnels_;
  ProxyMetrics& metrics_;
  std::unordered_map<int, Waiting> waiting_;
  Acceptor acceptor_;
};

}  // namespace homeport

#endif  // HOMEPORT_SSHPROXY_TUNNEL_LISTENER_H_
