// What AdminService does about workspaces, once it is settled that the caller may.
//
// Threads: any; blocks, since it asks the store.
#ifndef HOMEPORT_COORDINATOR_WORKSPACE_ADMINISTRATION_H_
#define HOMEPORT_COORDINATOR_WORKSPACE_ADMINISTRATION_H_

#include "absl/status/status.h"
#include "coordinator/agent_registry.h"
#include "coordinator/session_broker.h"
#include "coordinator/settings_publisher.h"
#include "coordinator/store/store.h"
#include "proto/homeport/v1/admin.pb.h"

namespace homeport {

class WorkspaceAdministration {
 public:
  WorkspaceAdministration(Store& store, const AgentRegistry& agents, SessionBroker& broker,
                          SettingsPublisher& publisher)
      : store_(store), agents_(agents), broker_(broker), publisher_(publisher) {}

  absl::Status Create(const v1::CreateWorkspaceRequest& request, v1::Workspace& response);
  absl::Status Get(const v1::GetWorkspaceRequest& request, v1::Workspace& response);
  absl::Status List(const v1::ListWorkspacesRequest& request, v1::ListWorkspacesResponse& response);
  absl::Status Update(const v1::UpdateWorkspaceRequest& request, v1::Workspace& response);
  absl::Status Delete(const v1::DeleteWorkspaceRequest& request);

 private:
  // With what is known of its agent.
  v1::Workspace ToProto(const WorkspaceRecord& record) const;

  Store& store_;
  const AgentRegistry& agents_;
  SessionBroker& broker_;
  SettingsPublisher& publisher_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_WORKSPACE_ADMINISTRATION_H_
