#include "agent/backends.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/address.h"
#include "base/logging.h"
#include "ssh/host_keys.h"

namespace homeport::agent {
namespace {

// Where perhaps nothing listens, and where OpenSSH does: the kernel tries again after 1 and 3
// seconds when a queue was full.
constexpr absl::Duration kConnectTime = absl::Seconds(1);
constexpr absl::Duration kBusyConnectTime = absl::Seconds(10);
constexpr absl::Duration kScanIsFresh = absl::Seconds(30);

}  // namespace

Backends::Backends(EventLoop& loop, WorkerPool& pool, Options options, ChangeCallback on_change)
    : loop_(loop), pool_(pool), options_(std::move(options)), on_change_(std::move(on_change)) {}

v1::AgentStatus Backends::status() const {
  v1::AgentStatus status;
  if (options_.choice != Choice::kOpenSsh) {
    v1::Backend* embedded = status.add_backends();
    embedded->set_kind(v1::BACKEND_KIND_EMBEDDED);
    for (const std::string& key : options_.embedded_host_keys) embedded->add_host_keys(key);
  }
  if (!openssh_key_.empty()) {
    v1::Backend* openssh = status.add_backends();
    openssh->set_kind(v1::BACKEND_KIND_OPENSSH);
    openssh->add_host_keys(openssh_key_);
  }
  return status;
}

void Backends::Start() {
  if (options_.choice != Choice::kEmbedded) Scan();
}

absl::Duration Backends::connect_patience() const {
  const bool embedded_instead = options_.choice == Choice::kAuto && openssh_key_.empty();
  return embedded_instead ? kConnectTime : kBusyConnectTime;
}

void Backends::ConnectOpenSsh(ConnectCallback on_connected) {
  const absl::StatusOr<HostPort> address = ParseHostPort(options_.openssh_address);
  if (!address.ok()) {
    on_connected(address.status());
    return;
  }
  const uint64_t id = next_connect_++;
  auto connect = std::make_unique<StreamConnect>(
      loop_, connect_patience(),
      [this, id, on_connected = std::move(on_connected)](absl::StatusOr<UniqueFd> socket) {
        const auto done = connects_.extract(id);
        on_connected(std::move(socket));
      });
  StreamConnect& started = *connect;
  connects_.emplace(id, std::move(connect));
  started.ToHost(pool_, address->host, address->port);
}

void Backends::FindRoute(RouteCallback on_route) {
  if (options_.choice == Choice::kEmbedded) {
    on_route(Route());
    return;
  }
  ConnectOpenSsh([this, on_route = std::move(on_route)](absl::StatusOr<UniqueFd> socket) {
    OnConnected(std::move(socket), on_route);
  });
}

void Backends::OnConnected(absl::StatusOr<UniqueFd> socket, const RouteCallback& on_route) {
  if (!socket.ok()) {
    SetOpenSshKey("");
    on_route(RouteWithoutOpenSsh());
    return;
  }
  if (openssh_key_.empty() || doubtful_) {
    waiting_.push_back({std::make_shared<UniqueFd>(*std::move(socket)), on_route});
    Scan();
    return;
  }
  if (absl::Now() - last_scan_ > kScanIsFresh) Scan();
  Route route;
  route.kind = v1::BACKEND_KIND_OPENSSH;
  route.openssh = *std::move(socket);
  on_route(std::move(route));
}

void Backends::Scan() {
  if (scanning_) return;
  scanning_ = true;
  ConnectOpenSsh([this](absl::StatusOr<UniqueFd> socket) {
    if (!socket.ok()) {
      OnScanned(socket.status());
      return;
    }
    absl::StatusOr<std::unique_ptr<HostKeyScan>> scan =
        HostKeyScan::Start(loop_, *std::move(socket), [this](absl::StatusOr<std::string> key) {
          const std::unique_ptr<HostKeyScan> done = std::move(scan_);
          OnScanned(std::move(key));
        });
    if (scan.ok()) {
      scan_ = *std::move(scan);
    } else {
      OnScanned(scan.status());
    }
  });
}

void Backends::OnScanned(absl::StatusOr<std::string> host_key) {
  scanning_ = false;
  if (!host_key.ok()) {
    OnScanFailed(host_key.status());
    return;
  }
  doubtful_ = false;
  last_scan_ = absl::Now();
  SetOpenSshKey(*host_key);
  for (Waiting& waiting : std::exchange(waiting_, {})) {
    Route route;
    route.kind = v1::BACKEND_KIND_OPENSSH;
    route.openssh = std::move(*waiting.socket);
    waiting.on_route(std::move(route));
  }
}

void Backends::OnScanFailed(const absl::Status& status) {
  Logger("backends")
      ->info("no OpenSSH at {}: {}", options_.openssh_address, Printable(status.message()));
  // A key that is known stays until a tunnel finds that it does not answer any more: OpenSSH drops
  // connections when many come at once.
  if (openssh_key_.empty() || doubtful_) SetOpenSshKey("");
  doubtful_ = !openssh_key_.empty();
  for (Waiting& waiting : std::exchange(waiting_, {})) waiting.on_route(RouteWithoutOpenSsh());
}

void Backends::SetOpenSshKey(const std::string& host_key) {
  if (host_key == openssh_key_) return;
  openssh_key_ = host_key;
  if (host_key.empty()) {
    Logger("backends")->info("OpenSSH at {} is gone", options_.openssh_address);
  } else if (!last_openssh_key_.empty() && last_openssh_key_ != host_key) {
    Logger("backends")
        ->warn("OpenSSH at {} has a new host key: {}, before it was {}", options_.openssh_address,
               ssh::Fingerprint(host_key), ssh::Fingerprint(last_openssh_key_));
  } else {
    Logger("backends")
        ->info("OpenSSH answers at {}, host key {}", options_.openssh_address,
               ssh::Fingerprint(host_key));
  }
  if (!host_key.empty()) last_openssh_key_ = host_key;
  on_change_(status());
}

absl::StatusOr<Backends::Route> Backends::RouteWithoutOpenSsh() const {
  if (options_.choice == Choice::kAuto) return Route();
  return absl::UnavailableError(
      absl::StrCat("OpenSSH does not answer at ", options_.openssh_address, " in the workspace."));
}

}  // namespace homeport::agent
