#include "coordinator/coordinator.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/address.h"
#include "base/file.h"
#include "base/logging.h"
#include "base/version.h"
#include "coordinator/store/postgresql_address.h"

namespace homeport {
namespace {

// The database takes one at a time; the others check credentials and signatures.
constexpr int kPoolThreads = 4;
// Each may wait for proxies and agents, for seconds at the worst.
constexpr int kChangeThreads = 16;
// Each takes 64 MiB and a processor while it hashes a password.
constexpr int kSignInThreads = 2;
// Each asks Kubernetes about one token or pod at a time.
constexpr int kTokenThreads = 16;
constexpr int kProxyTokenThreads = 2;
constexpr absl::Duration kTouchInterval = absl::Minutes(1);
constexpr absl::Duration kDeletionInterval = absl::Hours(24);

// Where somebody on this machine reaches what listens on `listen`, now that the port is known.
std::string Reachable(const std::string& listen, int port) {
  absl::StatusOr<HostPort> address = ParseHostPort(listen);
  if (!address.ok()) return listen;
  address->port = port;
  if (address->host.empty() || address->host == "0.0.0.0") address->host = "127.0.0.1";
  if (address->host == "::") address->host = "::1";
  return FormatHostPort(*address);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Coordinator>> Coordinator::Start(const CoordinatorOptions& options) {
  auto metrics = std::make_unique<CoordinatorMetrics>();
  StateFolderOptions state_options = options.state;
  state_options.on_store_error = [metrics = metrics.get()](const absl::Status& status) {
    metrics->CountStoreError(status);
  };
  absl::StatusOr<std::unique_ptr<StateFolder>> state = StateFolder::Open(state_options);
  if (!state.ok()) return state.status();
  absl::StatusOr<std::unique_ptr<KubernetesSource>> kubernetes = KubernetesSource::Make(
      options.kubernetes, (*state)->store(),
      [metrics = metrics.get()](absl::string_view result) { metrics->CountPodCheck(result); });
  if (!kubernetes.ok()) return kubernetes.status();
  auto coordinator = std::unique_ptr<Coordinator>(
      new Coordinator(options, std::move(metrics), *std::move(state), *std::move(kubernetes)));
  if (IsPostgresqlUrl(options.state.store)) {
    // Before it serves anybody: from here on it hears of every change.
    absl::Status status = coordinator->replicas_.Join(options.state.store, coordinator->duties_);
    if (!status.ok()) return status;
  }
  if (absl::Status status = coordinator->Listen(options); !status.ok()) return status;
  return coordinator;
}

Coordinator::Coordinator(const CoordinatorOptions& options,
                         std::unique_ptr<CoordinatorMetrics> metrics,
                         std::unique_ptr<StateFolder> state,
                         std::unique_ptr<KubernetesSource> kubernetes)
    : metrics_(std::move(metrics)),
      state_(std::move(state)),
      sessions_(options.most_opening_per_user),
      replicas_(options.replica, {agents_, proxies_, sessions_}),
      key_socket_memory_(&replicas_),
      ledger_(state_->store()),
      broker_({state_->store(), agents_, proxies_, sessions_, replicas_, ledger_,
               options.key_socket_may_open_front_door ? nullptr : &key_socket_memory_, *metrics_}),
      signer_(state_->store(), state_->vault(), replicas_, sessions_),
      publisher_(state_->store(), agents_, options.url),
      revocation_(state_->store(), sessions_, agents_, proxies_, publisher_, acknowledgements_,
                  [this] { return replicas_.Others().empty(); }),
      relayed_dials_(agents_, replicas_),
      changes_(revocation_, replicas_),
      workspace_signer_(
          state_->store(), state_->vault(), key_socket_memory_,
          {state_->host_key().PublicKeyBlob(), options.key_socket_may_open_front_door}),
      refusals_(state_->store()),
      sign_in_desk_({state_->store(), state_->vault(), sign_in_limits_, refusals_,
                     [this] { state_->RemoveSetUpCode(); }}),
      kubernetes_(std::move(kubernetes)),
      pool_(std::make_unique<WorkerPool>(kPoolThreads)),
      change_pool_(std::make_unique<WorkerPool>(kChangeThreads)),
      sign_in_pool_(std::make_unique<WorkerPool>(kSignInThreads)),
      token_pool_(std::make_unique<WorkerPool>(kubernetes_ == nullptr ? 1 : kTokenThreads)),
      proxy_token_pool_(
          std::make_unique<WorkerPool>(kubernetes_ == nullptr ? 1 : kProxyTokenThreads)),
      pods_(
          [this](const PodIdentity& pod, int64_t workspace_id) {
            return kubernetes_->identity().Recheck(pod, workspace_id);
          },
          *token_pool_, options.kubernetes.recheck),
      admin_service_({state_->store(), state_->vault(), *pool_, *change_pool_, *sign_in_pool_,
                      replicas_, changes_, sessions_, sign_in_limits_, refusals_, *metrics_,
                      AuthorizedKeysLine(state_->host_key().PublicKeyBlob(), ""),
                      options.ssh_address}),
      auth_service_(state_->store(), *pool_, *sign_in_pool_, sign_in_desk_, *metrics_),
      agent_service_({state_->store(), *pool_, *token_pool_, agents_, broker_, relayed_dials_,
                      replicas_, publisher_, acknowledgements_, workspace_signer_, Kubernetes(),
                      pods_, *metrics_, options.most_connects_per_second}),
      session_service_(state_->store(), *pool_, *proxy_token_pool_, Kubernetes(),
                       state_->host_key(), proxies_, sessions_, broker_, signer_, revocation_,
                       acknowledgements_, *metrics_),
      duties_({agents_, proxies_, sessions_, broker_, ledger_, revocation_, relayed_dials_,
               changes_, *change_pool_, [this](bool isolated) { Isolate(isolated); }}) {}

KubernetesIdentity* Coordinator::Kubernetes() const {
  return kubernetes_ == nullptr ? nullptr : &kubernetes_->identity();
}

Coordinator::~Coordinator() {
  Stop(absl::ZeroDuration());
  // Work that calls and streams left behind still runs, on services that are still there; what
  // changes and sign-ins leave for later is for the first pool.
  proxy_token_pool_.reset();
  token_pool_.reset();
  sign_in_pool_.reset();
  change_pool_.reset();
  pool_.reset();
}

absl::Status Coordinator::Listen(const CoordinatorOptions& options) {
  if (!options.ops_listen.empty()) {
    absl::StatusOr<std::unique_ptr<OpsServer>> ops =
        OpsServer::Start(options.ops_listen, metrics_->registry());
    if (!ops.ok()) return ops.status();
    ops_server_ = *std::move(ops);
  }
  absl::StatusOr<HostPort> address = ParseHostPort(options.listen);
  if (!address.ok()) return address.status();
  if (address->host.empty()) address->host = "::";
  const ServingCertificate& certificate = state_->serving_certificate();
  absl::StatusOr<std::unique_ptr<RpcServer>> server =
      RpcServer::Start({FormatHostPort(*address),
                        certificate.certificate_pem,
                        certificate.private_key_pem,
                        {&admin_service_, &auth_service_, &agent_service_, &session_service_}});
  if (!server.ok()) return server.status();
  server_ = *std::move(server);
  if (absl::Status status = WriteAddressFile(options); !status.ok()) return status;
  server_->SetServing(true);
  if (ops_server_ != nullptr) ops_server_->SetReady(true);
  Logger("coordinator")
      ->info("version {} serves on {}", kVersion, Reachable(options.listen, port()));
  return absl::OkStatus();
}

std::string Coordinator::SetUpInvitation() const {
  if (state_->set_up_code().empty()) return "";
  const std::string file = state_->SetUpCodeFile();
  return absl::StrCat(
      "there are no users yet; homeport login --setup makes the first site manager with the set-up "
      "code ",
      state_->set_up_code(),
      file.empty() ? ", which every replica knows" : absl::StrCat(", which is in ", file, " too"));
}

absl::Status Coordinator::WriteAddressFile(const CoordinatorOptions& options) const {
  if (options.address_file.empty()) return absl::OkStatus();
  const std::string ops =
      ops_server_ == nullptr ? "" : Reachable(options.ops_listen, ops_server_->port());
  return WriteFileAtomically(
      options.address_file,
      absl::StrCat("grpc=", Reachable(options.listen, port()), "\nops=", ops, "\n"), 0644);
}

void Coordinator::Housekeep() {
  const absl::Time now = absl::Now();
  broker_.Sweep(now);
  pool_->Submit([this] {
    revocation_.Recheck();
    admin_service_.RecheckWatches();
  });
  const SessionCounts sessions = sessions_.Count();
  metrics_->SetSessions(sessions.opening, sessions.live);
  if (refusals_.waiting()) pool_->Submit([this, now] { refusals_.Flush(now); });
  pods_.Tick(now);
  TouchWorkspaces(now);
  DeleteOld(now);
}

void Coordinator::TouchWorkspaces(absl::Time now) {
  if (now - last_touch_ < kTouchInterval) return;
  last_touch_ = now;
  std::vector<int64_t> online = agents_.Workspaces();
  if (online.empty()) return;
  // A failure is counted and logged by the store, and the next minute tries again.
  pool_->Submit([this, online = std::move(online), now] {
    (void)state_->store().TouchWorkspaces(online, now);
  });
  change_pool_->Submit([this, now] { DisconnectExpiredAgents(now); });
}

void Coordinator::DisconnectExpiredAgents(absl::Time now) {
  for (const int64_t id : agents_.Workspaces()) {
    const std::optional<ConnectedAgent> agent = agents_.Find(id);
    // What pods show, the watch looks after.
    if (!agent.has_value() || agent->credential_id.empty()) continue;
    const absl::StatusOr<CredentialRecord> shown =
        state_->store().FindCredential(agent->credential_id);
    const bool good =
        shown.ok() ? shown->details.expire_time > now : !absl::IsNotFound(shown.status());
    if (good) continue;
    const absl::StatusOr<WorkspaceRecord> workspace = state_->store().GetWorkspaceById(id);
    if (workspace.ok()) revocation_.CredentialRotated(workspace->id);
  }
}

void Coordinator::DeleteOld(absl::Time now) {
  if (now - last_deletion_ < kDeletionInterval) return;
  last_deletion_ = now;
  change_pool_->Submit([this, now] {
    admin_service_.PurgeAudit(now);
    (void)state_->store().DeleteExpiredCredentials(now);
  });
}

void Coordinator::Isolate(bool isolated) {
  if (ops_server_ != nullptr) ops_server_->SetReady(!isolated);
  if (server_ != nullptr) server_->SetServing(!isolated);
  if (!isolated) {
    agent_service_.Resume();
    session_service_.Resume();
    return;
  }
  const absl::Status status =
      absl::UnavailableError("this coordinator cannot hear the others; come to another");
  agent_service_.FinishAll(status);
  session_service_.FinishAll(status);
}

void Coordinator::Stop(absl::Duration grace) {
  if (ops_server_ != nullptr) ops_server_->SetReady(false);
  if (server_ == nullptr) return;
  server_->SetServing(false);
  const absl::Status stopping = absl::UnavailableError("the coordinator is stopping");
  replicas_.Retire();
  admin_service_.FinishAll(stopping);
  agent_service_.FinishAll(stopping);
  session_service_.FinishAll(stopping);
  server_->Shutdown(grace);
  // Changes that calls have made are told of by now.
  replicas_.Stop();
}

}  // namespace homeport
