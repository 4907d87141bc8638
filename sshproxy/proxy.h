// The whole sshproxy: loop threads, the two listeners and the line to the coordinator, started and
// drained in order.
//
// Threads: Create, Drain and the destructor from main; Observer's calls from gRPC's threads.
#ifndef HOMEPORT_SSHPROXY_PROXY_H_
#define HOMEPORT_SSHPROXY_PROXY_H_

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/memory_return.h"
#include "rpc/coordinator_route.h"
#include "ssh/server_transport.h"
#include "sshproxy/coordinator_link.h"
#include "sshproxy/loop_thread.h"
#include "sshproxy/pending_tunnels.h"
#include "sshproxy/proxy_metrics.h"
#include "sshproxy/session_directory.h"
#include "sshproxy/tunnel_listener.h"
#include "sshproxy/user_listener.h"

namespace homeport {

class Proxy : public CoordinatorLink::Observer {
 public:
  struct Options {
    std::string listen;          // users' SSH
    std::string tunnel_listen;   // agents' tunnels
    std::string tunnel_address;  // what agents dial; empty: the tunnel listener's own address
    std::function<absl::StatusOr<std::string>()> read_credential;  // as CoordinatorLink's
    int loop_threads = 2;
    UserListener::Options users;
    ssh::ServerTransport::Limits sign_in;
    ClientWatch::Options client_watch;
    int64_t max_buffered_bytes = 2 << 20;  // see UserConnection::Services
    // Without the coordinator for longer than this, sessions end: nobody could revoke them.
    absl::Duration staleness = absl::Minutes(10);
  };

  // Listens on both ports; users are accepted once the coordinator has sent the host key.
  // `on_ready` is told, from another thread, whenever the coordinator is there or away.
  static absl::StatusOr<std::unique_ptr<Proxy>> Create(
      const Options& options, std::shared_ptr<CoordinatorRoute> coordinator, ProxyMetrics& metrics,
      std::function<void(bool)> on_ready);
  ~Proxy() override;

  const std::string& ssh_address() const { return ssh_address_; }
  // Where tunnels are listened for; agents may have been told another address.
  const std::string& tunnel_address() const { return tunnel_address_; }

  // Takes no new users.
  void StopAccepting();
  int64_t connections() const { return directory_.connections(); }
  // Ends all sessions with a sentence.
  void EndAll(const std::string& message);

 private:
  Proxy(const Options& options, ProxyMetrics& metrics, std::function<void(bool)> on_ready);
  absl::Status Start(std::shared_ptr<CoordinatorRoute> coordinator);
  void AcceptUsers();
  void OnUser(ssh::ServerTransport::Client client);

  void OnHostKeys(std::vector<std::string> private_keys) override;
  void OnTunnelFailed(const std::string& session_id, const std::string& message) override;
  void OnEndSessions(int64_t order, const std::vector<std::string>& session_ids,
                     const std::string& message) override;
  void OnChangePolicy(int64_t order, const std::vector<std::string>& session_ids,
                      const SessionPolicy& policy) override;
  void OnLinkLost(const absl::Status& status) override;
  std::vector<LiveSession> LiveSessions() override { return directory_.Sessions(); }

  // The first loop also has the listeners and the timers.
  EventLoop& main_loop() { return threads_.front()->loop(); }

  const Options options_;
  ProxyMetrics& metrics_;
  const std::function<void(bool)> on_ready_;
  std::string ssh_address_;
  std::string tunnel_address_;
  PendingTunnels tunnels_;
  SessionDirectory directory_;
  std::unique_ptr<CoordinatorLink> link_;
  std::vector<std::unique_ptr<LoopThread>> threads_;

  // The main loop's thread.
  UniqueFd user_socket_;  // until users are accepted
  std::unique_ptr<UserListener> user_listener_;
  std::unique_ptr<TunnelListener> tunnel_listener_;
  size_t next_thread_ = 0;
  bool draining_ = false;
  bool linked_ = false;
  EventLoop::TimerId staleness_timer_ = 0;
  std::optional<MemoryReturn> memory_return_;
};

}  // namespace homeport

#endif  // HOMEPORT_SSHPROXY_PROXY_H_
