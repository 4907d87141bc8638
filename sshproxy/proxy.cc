#include "sshproxy/proxy.h"

#include <sodium.h>

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/synchronization/notification.h"
#include "base/address.h"
#include "base/logging.h"

namespace homeport {
namespace {

std::string RandomName() {
  std::string bytes(8, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return absl::BytesToHexString(bytes);
}

// Runs `work` on the loop and waits for it.
void RunOn(EventLoop& loop, const std::function<void()>& work) {
  absl::Notification done;
  loop.Post([&] {
    work();
    done.Notify();
  });
  done.WaitForNotification();
}

}  // namespace

Proxy::Proxy(const Options& options, ProxyMetrics& metrics, std::function<void(bool)> on_ready)
    : options_(options), metrics_(metrics), on_ready_(std::move(on_ready)), directory_(metrics) {}

absl::StatusOr<std::unique_ptr<Proxy>> Proxy::Create(const Options& options,
                                                     std::shared_ptr<CoordinatorRoute> coordinator,
                                                     ProxyMetrics& metrics,
                                                     std::function<void(bool)> on_ready) {
  auto proxy = std::unique_ptr<Proxy>(new Proxy(options, metrics, std::move(on_ready)));
  if (absl::Status status = proxy->Start(std::move(coordinator)); !status.ok()) return status;
  return proxy;
}

absl::Status Proxy::Start(std::shared_ptr<CoordinatorRoute> coordinator) {
  auto users = Listen(options_.listen);
  if (!users.ok()) return users.status();
  auto tunnels = Listen(options_.tunnel_listen);
  if (!tunnels.ok()) return tunnels.status();
  ssh_address_ = LocalAddress(users->get());
  tunnel_address_ = LocalAddress(tunnels->get());
  CoordinatorLink::Options link;
  link.read_credential = options_.read_credential;
  link.replica = RandomName();
  link.tunnel_address = options_.tunnel_address.empty() ? tunnel_address_ : options_.tunnel_address;
  link_ = std::make_unique<CoordinatorLink>(std::move(coordinator), std::move(link), *this);
  UserConnection::Services services{*link_, tunnels_, metrics_};
  services.client_watch = options_.client_watch;
  services.max_buffered_bytes = options_.max_buffered_bytes;
  for (int i = 0; i < options_.loop_threads; ++i) {
    threads_.push_back(std::make_unique<LoopThread>(services, directory_));
  }
  RunOn(main_loop(), [&] {
    user_socket_ = *std::move(users);
    tunnel_listener_ = std::make_unique<TunnelListener>(
        main_loop(), *std::move(tunnels), TunnelListener::Limits{}, tunnels_, metrics_);
    memory_return_.emplace(main_loop());
  });
  link_->Start();
  return absl::OkStatus();
}

Proxy::~Proxy() {
  // First nobody calls in any more, then the loops stop with all connections; what they still tell
  // the link goes nowhere.
  if (!threads_.empty()) {
    RunOn(main_loop(), [this] {
      draining_ = true;
      user_listener_.reset();
      tunnel_listener_.reset();
      main_loop().Cancel(staleness_timer_);
      memory_return_.reset();
    });
  }
  if (link_ != nullptr) link_->Shutdown();
  threads_.clear();
  directory_.Clear();  // what it still has to say is said to the link
}

void Proxy::AcceptUsers() {
  if (user_listener_ != nullptr || draining_) return;
  user_listener_ = std::make_unique<UserListener>(
      main_loop(), std::move(user_socket_), options_.users,
      [this] { return directory_.connections(); }, metrics_,
      [this](ssh::ServerTransport::Client client) { OnUser(std::move(client)); });
  Logger("front_door")->info("users are welcome at {}", ssh_address_);
}

void Proxy::OnUser(ssh::ServerTransport::Client client) {
  threads_[next_thread_]->Serve(std::move(client));
  next_thread_ = (next_thread_ + 1) % threads_.size();
}

void Proxy::StopAccepting() {
  RunOn(main_loop(), [this] {
    draining_ = true;
    user_listener_.reset();
    user_socket_.Reset();
  });
}

void Proxy::EndAll(const std::string& message) {
  for (auto& thread : threads_) thread->EndAll(message);
}

void Proxy::OnHostKeys(std::vector<std::string> private_keys) {
  auto keys = ssh::HostKeys::Parse(private_keys);
  if (!keys.ok()) {
    Logger("front_door")
        ->error("the coordinator sent no usable host key: {}",
                std::string(keys.status().message()));
    return;
  }
  for (const std::string& blob : keys->public_blobs()) {
    Logger("front_door")->info("host key {}", ssh::Fingerprint(blob));
  }
  for (auto& thread : threads_) thread->SetHostKeys(*keys, options_.sign_in);
  metrics_.SetCoordinatorConnected(true);
  main_loop().Post([this] {
    linked_ = true;
    main_loop().Cancel(std::exchange(staleness_timer_, 0));
    AcceptUsers();
    if (!draining_) on_ready_(true);
  });
}

void Proxy::OnTunnelFailed(const std::string& session_id, const std::string& message) {
  directory_.WithSession(
      session_id, [message](UserConnection& connection) { connection.OnTunnelFailed(message); });
}

void Proxy::OnEndSessions(int64_t order, const std::vector<std::string>& session_ids,
                          const std::string& message) {
  directory_.EndSessions(session_ids, message,
                         [this, order](int sessions) { link_->Acted(order, sessions); });
}

void Proxy::OnChangePolicy(int64_t order, const std::vector<std::string>& session_ids,
                           const SessionPolicy& policy) {
  directory_.ChangePolicy(session_ids, policy,
                          [this, order](int sessions) { link_->Acted(order, sessions); });
}

void Proxy::OnLinkLost(const absl::Status& status) {
  metrics_.SetCoordinatorConnected(false);
  Logger("coordinator_link")
      ->warn("no stream to the coordinator: {}; sessions go on, trying again",
             std::string(status.message()));
  main_loop().Post([this] {
    if (!std::exchange(linked_, false)) return;
    // Nobody can sign in here now; another replica may have its link.
    on_ready_(false);
    staleness_timer_ = main_loop().After(options_.staleness, [this] {
      staleness_timer_ = 0;
      Logger("front_door")->error("the coordinator was away for too long: ending all sessions");
      EndAll("Homeport lost its coordinator, so this session cannot be vouched for any longer.");
    });
  });
}

}  // namespace homeport
