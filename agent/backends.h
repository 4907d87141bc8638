// The workspace's SSH servers: the embedded one, and an OpenSSH that may listen beside us. Decides
// which of them a tunnel leads to, and knows their host keys.
//
// OpenSSH is taken when it answers at its address; one that is known, or pinned, is given the time
// that it takes when many come at once (its queue of connections is short). Its host key is learnt
// when it first answers, and again, beside the tunnel that is being made, when the last look is
// older than a moment: somebody may have restarted it with another key. A change of what is known
// is reported before a route that depends on it is given.
//
// Threads: the loop's.
#ifndef HOMEPORT_AGENT_BACKENDS_H_
#define HOMEPORT_AGENT_BACKENDS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/host_key_scan.h"
#include "agent/stream_connect.h"
#include "base/event_loop.h"
#include "base/unique_fd.h"
#include "base/worker_pool.h"
#include "proto/homeport/v1/agent.pb.h"

namespace homeport::agent {

class Backends {
 public:
  enum class Choice { kAuto, kEmbedded, kOpenSsh };
  struct Options {
    Choice choice = Choice::kAuto;
    std::string openssh_address;
    std::vector<std::string> embedded_host_keys;
  };
  struct Route {
    v1::BackendKind kind = v1::BACKEND_KIND_EMBEDDED;
    UniqueFd openssh;  // connected, if the kind is OpenSSH
  };
  // UNAVAILABLE has a sentence for the person who waits.
  using RouteCallback = std::function<void(absl::StatusOr<Route> route)>;
  using ChangeCallback = std::function<void(const v1::AgentStatus& status)>;

  // `loop` and `pool` outlive this object, which outlives their run.
  Backends(EventLoop& loop, WorkerPool& pool, Options options, ChangeCallback on_change);
  Backends(const Backends&) = delete;
  Backends& operator=(const Backends&) = delete;

  // Looks for OpenSSH once.
  void Start();
  // Finds the server for a tunnel. `on_route` comes from the loop, perhaps within the call.
  void FindRoute(RouteCallback on_route);

  v1::AgentStatus status() const;

 private:
  struct Waiting {
    std::shared_ptr<UniqueFd> socket;  // shared by copies of the function that carries it
    RouteCallback on_route;
  };
  using ConnectCallback = std::function<void(absl::StatusOr<UniqueFd> socket)>;

  absl::Duration connect_patience() const;
  void ConnectOpenSsh(ConnectCallback on_connected);
  void OnConnected(absl::StatusOr<UniqueFd> socket, const RouteCallback& on_route);
  void Scan();
  void OnScanned(absl::StatusOr<std::string> host_key);
  void OnScanFailed(const absl::Status& status);
  void SetOpenSshKey(const std::string& host_key);
  // What is chosen without OpenSSH.
  absl::StatusOr<Route> RouteWithoutOpenSsh() const;

  EventLoop& loop_;
  WorkerPool& pool_;
  const Options options_;
  const ChangeCallback on_change_;
  std::string openssh_key_;       // empty while OpenSSH is not there
  std::string last_openssh_key_;  // the last one seen, to notice a change
  bool doubtful_ = false;         // the last scan failed: the next route waits for another
  absl::Time last_scan_ = absl::InfinitePast();
  uint64_t next_connect_ = 1;
  std::map<uint64_t, std::unique_ptr<StreamConnect>> connects_;
  bool scanning_ = false;
  std::unique_ptr<HostKeyScan> scan_;
  std::vector<Waiting> waiting_;
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_BACKENDS_H_
