// What AdminService does about workspaces, once it is settled that the caller may.
//
// Threads: any; blocks, since it asks the store, and until those concerned have heard of a change.
#ifndef HOMEPORT_COORDINATOR_WORKSPACE_ADMINISTRATION_H_
#define HOMEPORT_COORDINATOR_WORKSPACE_ADMINISTRATION_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/caller.h"
#include "coordinator/change_listener.h"
#include "coordinator/replicas/replicas.h"
#include "coordinator/store/store.h"
#include "proto/homeport/v1/admin.pb.h"

namespace homeport {

class WorkspaceAdministration {
 public:
  WorkspaceAdministration(Store& store, Replicas& replicas, ChangeListener& changes)
      : store_(store), replicas_(replicas), changes_(changes) {}

  absl::Status Create(const Caller& caller, const v1::CreateWorkspaceRequest& request,
                      v1::Workspace& response);
  absl::Status Get(const Caller& caller, const v1::GetWorkspaceRequest& request,
                   v1::Workspace& response);
  absl::Status List(const Caller& caller, const v1::ListWorkspacesRequest& request,
                    v1::ListWorkspacesResponse& response);
  absl::Status Update(const Caller& caller, const v1::UpdateWorkspaceRequest& request,
                      v1::Workspace& response);
  absl::Status Delete(const Caller& caller, const v1::DeleteWorkspaceRequest& request,
                      v1::Effect& response);
  absl::Status RotateCredential(const Caller& caller, const v1::RotateCredentialRequest& request,
                                v1::Workspace& response);
  absl::Status RevokeCredential(const Caller& caller, const v1::RevokeCredentialRequest& request,
                                v1::Workspace& response);

 private:
  // What is so at one moment, and need not be asked for each of many.
  struct Now;

  absl::StatusOr<Now> Look() const;
  // With what is known of its agent, its provider and its sessions.
  absl::StatusOr<v1::Workspace> Describe(const WorkspaceRecord& record, Now& now);
  absl::Status Answer(const WorkspaceRecord& record, v1::Effect effect, v1::Workspace& response);

  Store& store_;
  Replicas& replicas_;
  ChangeListener& changes_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_WORKSPACE_ADMINISTRATION_H_
