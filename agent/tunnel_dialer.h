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
#include <optional>
#include <set>
#include <string>
#include <vector>

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

  // Tunnels are for sessions that came with one of these keys. Those of others that are spliced to
  // OpenSSH are closed, and others are not dialled; the answer is how many were closed. (The
  // embedded server ends its own.) A session whose key is not known may have any.
  int SetOwnerKeys(const std::vector<std::string>& public_blobs);
  // Off: all tunnels are closed, and no more are dialled; the answer is how many.
  int SetExternalConnect(bool on);
  // From now on every dial is refused.
  void StopDialing() { stopped_ = true; }
  // Ends what is spliced to OpenSSH.
  void CloseRelays();

  // Tunnels that stand or are being made. Any thread.
  size_t active() const { return active_; }

 private:
  struct Relay {
    std::string entry_key;
    std::unique_ptr<SpliceRelay> splice;
  };

  // One sentence, or empty if the dial may go on.
  std::string Refusal(const v1::Dial& dial) const;
  // The same, of what may change while a tunnel is being made.
  std::string NotAllowed(const v1::Dial& dial) const;
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
  std::map<uint64_t, Relay> relays_;
  bool external_connect_ = true;
  std::optional<std::set<std::string>> owner_keys_;  // empty: not told yet
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_TUNNEL_DIALER_H_
