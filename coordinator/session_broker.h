// Brings people and workspaces together: decides whether a session may be, has the agent dial the
// proxy, and tells the proxy when it comes to nothing.
//
// No session slips past a change of the records that is made while it is being opened. Open adds
// the session to the registry first, then reads the records, and only then is anything granted or
// dialled. Who changes the records commits first and then lists the registry (revocation.h). Both
// touch the registry under its mutex. So either the session is added before the list is made: then
// it is in the list, and is decided about again and ended, for a proxy keeps the word on a session
// that it has not heard of yet. Or the list comes first: then the commit came before the list, the
// list before the addition, and the addition before Open reads the records, which show the change.
//
// Threads: Open and TakeOver block (they ask the database); the others do not. All from any thread.
#ifndef HOMEPORT_COORDINATOR_SESSION_BROKER_H_
#define HOMEPORT_COORDINATOR_SESSION_BROKER_H_

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "coordinator/agent_registry.h"
#include "coordinator/coordinator_metrics.h"
#include "coordinator/key_socket_memory.h"
#include "coordinator/proxy_registry.h"
#include "coordinator/replicas/replicas.h"
#include "coordinator/session_ledger.h"
#include "coordinator/session_registry.h"
#include "coordinator/store/store.h"
#include "proto/homeport/v1/session.pb.h"

namespace homeport {

class SessionBroker {
 public:
  // A session whose tunnel does not stand by then is off.
  static constexpr absl::Duration kOpenWithin = absl::Seconds(30);
  // For this long after a start agents are on their way back: a workspace whose agent has not been
  // here yet is not called offline, and proxies are asked to come again.
  static constexpr absl::Duration kSettle = absl::Seconds(20);

  struct Parts {
    Store& store;
    AgentRegistry& agents;
    ProxyRegistry& proxies;
    SessionRegistry& sessions;
    Replicas& replicas;
    SessionLedger& ledger;
    // What key sockets have signed; null: a workspace may sign in to the front door.
    const KeySocketMemory* key_sockets;
    CoordinatorMetrics& metrics;
  };
  explicit SessionBroker(const Parts& parts)
      : store_(parts.store),
        agents_(parts.agents),
        proxies_(parts.proxies),
        sessions_(parts.sessions),
        replicas_(parts.replicas),
        ledger_(parts.ledger),
        key_sockets_(parts.key_sockets),
        metrics_(parts.metrics) {}

  // What SessionService.OpenSession answers. UNAUTHENTICATED if nobody has the key,
  // INVALID_ARGUMENT if the proxy's own fields are wrong; a refusal of a known person is an answer.
  absl::StatusOr<v1::OpenSessionResponse> Open(const v1::OpenSessionRequest& request);

  // The agent of this workspace answered a dial; `workspace` is its resource name. Answers about
  // others' sessions are ignored.
  void OnDialResult(int64_t workspace_id, const std::string& workspace,
                    const v1::DialResult& result);
  // The workspace's agent has come to this coordinator, or to another: dials that went to a third,
  // and were not answered, go there.
  void OnAgentMoved(int64_t workspace_id, int64_t epoch, const std::string& replica);
  // This stream of the agent is over: what waited for it will not come.
  void OnAgentLost(int64_t workspace_id, int64_t agent_epoch);
  // A proxy has connected, and says which sessions it has (SessionRegistry::Adopt).
  void OnHello(const std::string& replica,
               const google::protobuf::RepeatedPtrField<v1::LiveSession>& sessions);
  // After OnHello: the proxy and its sessions are taken over from other replicas of the
  // coordinator. Blocks.
  void TakeOver(const std::string& replica);
  // A proxy says that a session is over.
  void OnSessionEnded(const std::string& replica, const v1::SessionEnded& ended);
  // Takes out of the registry what nobody tells more about.
  void Sweep(absl::Time now);

 private:
  absl::StatusOr<v1::OpenSessionResponse> Decide(const v1::OpenSessionRequest& request);
  absl::StatusOr<v1::SessionGranted> DecideAbout(const KeyHolder& holder,
                                                 const v1::OpenSessionRequest& request);
  // The one workspace that the login name means. NOT_FOUND, INVALID_ARGUMENT and
  // FAILED_PRECONDITION (ambiguous) are for the person.
  absl::StatusOr<WorkspaceRecord> FindWorkspace(const UserRecord& user, absl::string_view login);
  absl::StatusOr<v1::SessionGranted> Grant(const KeyHolder& holder,
                                           const WorkspaceRecord& workspace,
                                           const v1::OpenSessionRequest& request);
  // Decides about a session that is in the registry, and records its start. An error: it must not
  // be.
  absl::Status Admit(const Session& session, v1::SessionPolicy& policy);
  // Takes out a session that has come to nothing before it was granted.
  void Drop(const Session& session, const std::string& reason);
  // Where the workspace's agent is. An error: nowhere, in words for the person, or not known now.
  absl::StatusOr<SharedAgent> FindAgent(const WorkspaceRecord& workspace);
  // Has the agent dial. False if it is gone.
  bool Dial(const SharedAgent& agent, const v1::ConnectAgentResponse& dial);
  // What is said of a workspace without an agent.
  absl::Status NotConnected(const WorkspaceRecord& workspace) const;
  void SendTunnelFailed(const Session& session, const std::string& message);

  Store& store_;
  AgentRegistry& agents_;
  ProxyRegistry& proxies_;
  SessionRegistry& sessions_;
  Replicas& replicas_;
  SessionLedger& ledger_;
  const KeySocketMemory* const key_sockets_;
  CoordinatorMetrics& metrics_;
  const absl::Time started_ = absl::Now();
  // Dials that went to other replicas, by session, until they are answered.
  struct RelayedDial {
    SharedAgent agent;
    v1::ConnectAgentResponse dial;
    absl::Time forget;
  };
  absl::Mutex relayed_mutex_;
  std::map<std::string, RelayedDial> relayed_ ABSL_GUARDED_BY(relayed_mutex_);
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_SESSION_BROKER_H_
