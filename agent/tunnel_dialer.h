// Opens tunnels: connects a proxy that asked for it with one of the workspace's SSH servers.
//
//   Dial ─▶ which backend? ─▶ connect to the proxy, preamble ─▶ embedded server | splice to OpenSSH
//
// Threads: the loop's, except active(). Blocking connects run in the pool.
#ifndef HOMEPORT_AGENT_TUNNEL_DIALER_H_
#define HOMEPORT_AGENT_TUNNEL_DIALER_H_

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/backends.h"
#include "agent/embedded_server.h"
#include "agent/splice_relay.h"
#include "base/event_loop.h"
#include "base/unique_fd.h"
#include "base/worker_pool.h"
#include "proto/homeport/v1/agent.pb.h"

namespace homeport::agent {

class TunnelDialer {
 public:
  struct Options {
    size_t max_tunnels = 1024;
    // Called once for each dial that is not a repetition.
    std::function<void(const v1::DialResult& result)> on_result;
  };

  // Everything given outlives the dialer, which outlives the run of loop and pool.
  TunnelDialer(EventLoop& loop, WorkerPool& pool, Backends& backends, EmbeddedServer& embedded,
               Options options);
  TunnelDialer(const TunnelDialer&) = delete;
  TunnelDialer& operator=(const TunnelDialer&) = delete;

  void Dial(const v1::Dial& dial);

  // From now on every dial is refused.
  void StopDialing() { stopped_ = true; }
  // Ends what is spliced to OpenSSH.
  void CloseRelays();

  // Tunnels that stand or are being made. Any thread.
  size_t active() const { return active_; }

 private:
  // One sentence, or empty if the dial may go on.
  std::string Refusal(const v1::Dial& dial) const;
  // Whether the session was dialled before.
  bool IsRepetition(const v1::Dial& dial);
  void ConnectProxy(const v1::Dial& dial, Backends::Route route);
  void OnProxyConnected(const v1::Dial& dial, Backends::Route route,
                        absl::StatusOr<UniqueFd> socket);
  absl::Status HandOver(const v1::Dial& dial, Backends::Route route, UniqueFd socket);
  void Reply(const v1::Dial& dial, v1::BackendKind kind, const std::string& error);

  EventLoop& loop_;
  WorkerPool& pool_;
  Backends& backends_;
  EmbeddedServer& embedded_;
  const Options options_;
  bool stopped_ = false;
  std::atomic<size_t> active_{0};
  std::map<std::string, absl::Time> dialled_;  // session to when it may be forgotten
  uint64_t next_relay_ = 1;
  std::map<uint64_t, std::unique_ptr<SpliceRelay>> relays_;
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_TUNNEL_DIALER_H_
