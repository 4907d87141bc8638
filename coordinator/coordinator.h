// The coordinator as a whole: its state, its registries, its services and its servers.
//
// Threads: Start, Housekeep and Stop from one thread.
#ifndef HOMEPORT_COORDINATOR_COORDINATOR_H_
#define HOMEPORT_COORDINATOR_COORDINATOR_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/worker_pool.h"
#include "coordinator/acknowledgements.h"
#include "coordinator/admin_service.h"
#include "coordinator/agent_registry.h"
#include "coordinator/agent_service.h"
#include "coordinator/auth_service.h"
#include "coordinator/coordinator_metrics.h"
#include "coordinator/identity/kubernetes_source.h"
#include "coordinator/key_socket_memory.h"
#include "coordinator/pod_watch.h"
#include "coordinator/proxy_registry.h"
#include "coordinator/refusal_record.h"
#include "coordinator/replicas/relayed_changes.h"
#include "coordinator/replicas/relayed_dials.h"
#include "coordinator/replicas/replica_duties.h"
#include "coordinator/replicas/replicas.h"
#include "coordinator/revocation.h"
#include "coordinator/session_broker.h"
#include "coordinator/session_ledger.h"
#include "coordinator/session_registry.h"
#include "coordinator/session_service.h"
#include "coordinator/session_signer.h"
#include "coordinator/settings_publisher.h"
#include "coordinator/sign_in_desk.h"
#include "coordinator/sign_in_limits.h"
#include "coordinator/state_folder.h"
#include "coordinator/workspace_signer.h"
#include "rpc/ops_server.h"
#include "rpc/server.h"

namespace homeport {

struct CoordinatorOptions {
  StateFolderOptions state;
  std::string listen = "127.0.0.1:7443";      // gRPC over TLS
  std::string ops_listen = "127.0.0.1:7444";  // metrics and health; empty: off
  std::string address_file;                   // where to write what is listened on; empty: nowhere
  int most_opening_per_user = 256;            // sessions
  int most_connects_per_second = 500;         // agents; 0: any number
  std::string url;                            // where people reach the installation; may be empty
  std::string ssh_address;                    // where people connect to, host:port; may be empty
  std::string replica;                        // this process's name among the coordinators
  bool key_socket_may_open_front_door = false;  // whether a workspace may sign in to the front door
  KubernetesOptions kubernetes;                 // whether pods' tokens are credentials
};

class Coordinator {
 public:
  // DATA_LOSS: the state is damaged. UNAVAILABLE: an address cannot be listened on.
  // FAILED_PRECONDITION: another coordinator has the state.
  static absl::StatusOr<std::unique_ptr<Coordinator>> Start(const CoordinatorOptions& options);
  // Stops without grace, if Stop was not called.
  ~Coordinator();

  int port() const { return server_->port(); }
  // What to tell whoever started it, one line, while there is no site manager; else empty.
  std::string SetUpInvitation() const;

  // To be called every second or so: metrics, last-seen times, sessions that nobody has any more,
  // and what is deleted for its age.
  void Housekeep();

  // Says that it is not ready, ends all streams and waits up to `grace` for calls to end.
  void Stop(absl::Duration grace);

 private:
  Coordinator(const CoordinatorOptions& options, std::unique_ptr<CoordinatorMetrics> metrics,
              std::unique_ptr<StateFolder> state, std::unique_ptr<KubernetesSource> kubernetes);

  KubernetesIdentity* Kubernetes() const;  // may be null

  // Parts of Housekeep.
  void TouchWorkspaces(absl::Time now);
  // Agents whose credential has come to its end since they showed it.
  void DisconnectExpiredAgents(absl::Time now);
  void DeleteOld(absl::Time now);

  absl::Status Listen(const CoordinatorOptions& options);
  // Sends agents and proxies to other replicas, or takes them in again.
  void Isolate(bool isolated);
  absl::Status WriteAddressFile(const CoordinatorOptions& options) const;

  // In the order of dependence: what comes later uses what comes before.
  const std::unique_ptr<CoordinatorMetrics> metrics_;
  const std::unique_ptr<StateFolder> state_;
  AgentRegistry agents_;
  ProxyRegistry proxies_;
  SessionRegistry sessions_;
  Replicas replicas_;
  Acknowledgements acknowledgements_;
  KeySocketMemory key_socket_memory_;
  SessionLedger ledger_;
  SessionBroker broker_;
  SessionSigner signer_;
  SettingsPublisher publisher_;
  Revocation revocation_;
  RelayedDials relayed_dials_;
  RelayedChanges changes_;
  WorkspaceSigner workspace_signer_;
  SignInLimits sign_in_limits_;
  RefusalRecord refusals_;
  SignInDesk sign_in_desk_;
  const std::unique_ptr<KubernetesSource> kubernetes_;  // null: no tokens of Kubernetes' are taken
  // By pointer, because they go before the services whose work they do and after the server.
  std::unique_ptr<WorkerPool> pool_;
  std::unique_ptr<WorkerPool> change_pool_;   // for changes, which wait for those concerned
  std::unique_ptr<WorkerPool> sign_in_pool_;  // for hashing passwords
  // For asking Kubernetes about agents, and about proxies, who do not wait behind them.
  std::unique_ptr<WorkerPool> token_pool_;
  std::unique_ptr<WorkerPool> proxy_token_pool_;
  PodWatch pods_;
  AdminService admin_service_;
  AuthService auth_service_;
  AgentService agent_service_;
  SessionService session_service_;
  ReplicaDuties duties_;
  std::unique_ptr<RpcServer> server_;
  std::unique_ptr<OpsServer> ops_server_;
  absl::Time last_touch_ = absl::InfinitePast();
  absl::Time last_deletion_ = absl::InfinitePast();
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_COORDINATOR_H_
