// Brings people and workspaces together: decides whether a session may be, has the agent dial the
// proxy, and tells the proxy when it comes to nothing.
//
// Threads: Open and OnAdopted block (they ask the store); the others do not. All from any thread.
#ifndef HOMEPORT_COORDINATOR_SESSION_BROKER_H_
#define HOMEPORT_COORDINATOR_SESSION_BROKER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "coordinator/agent_registry.h"
#include "coordinator/coordinator_metrics.h"
#include "coordinator/proxy_registry.h"
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

  SessionBroker(Store& store, AgentRegistry& agents, ProxyRegistry& proxies,
                SessionRegistry& sessions, CoordinatorMetrics& metrics)
      : store_(store), agents_(agents), proxies_(proxies), sessions_(sessions), metrics_(metrics) {}

  // What SessionService.OpenSession answers. UNAUTHENTICATED if nobody has the key,
  // INVALID_ARGUMENT if the proxy's own fields are wrong; a refusal of a known person is an answer.
  absl::StatusOr<v1::OpenSessionResponse> Open(const v1::OpenSessionRequest& request);

  // The agent of this workspace answered a dial. Answers about others' sessions are ignored.
  void OnDialResult(const WorkspaceRecord& workspace, const v1::DialResult& result);
  // This stream of the agent is over: what waited for it will not come.
  void OnAgentLost(int64_t workspace_id, int64_t agent_epoch);
  // The workspace is gone from the store: its agent and its sessions go too.
  void OnWorkspaceDeleted(int64_t workspace_id);
  // A proxy has this session from before a restart of ours: from now on it can be ended like any
  // other, and it is, if its workspace is gone. Blocks.
  void OnAdopted(const std::string& replica, const v1::LiveSession& session);
  // A proxy says that a session is over.
  void OnSessionEnded(const std::string& replica, const v1::SessionEnded& ended);

 private:
  absl::StatusOr<v1::OpenSessionResponse> Decide(const v1::OpenSessionRequest& request);
  // The one workspace that the login name means. NOT_FOUND, INVALID_ARGUMENT and
  // FAILED_PRECONDITION (ambiguous) are for the person.
  absl::StatusOr<WorkspaceRecord> FindWorkspace(const UserRecord& user, absl::string_view login);
  absl::StatusOr<v1::SessionGranted> Grant(const UserRecord& user, const WorkspaceRecord& workspace,
                                           const v1::OpenSessionRequest& request);
  void EndSessionsOf(int64_t workspace_id);
  // What is said of a workspace without an agent.
  absl::Status NotConnected(const WorkspaceRecord& workspace) const;
  // Has the proxy end a session because its workspace was deleted.
  void TellEnd(const std::string& replica, const std::string& session_id,
               const std::string& workspace, const std::string& user);
  void SendTunnelFailed(const Session& session, const std::string& message);

  Store& store_;
  AgentRegistry& agents_;
  ProxyRegistry& proxies_;
  SessionRegistry& sessions_;
  CoordinatorMetrics& metrics_;
  const absl::Time started_ = absl::Now();
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_SESSION_BROKER_H_
