#include "coordinator/connected_changes.h"

#include <vector>

namespace homeport {

v1::Effect ConnectedChanges::UserChanged(int64_t user_id) {
  const absl::StatusOr<std::vector<int64_t>> workspaces = store_.ListWorkspaceIds(user_id);
  if (!workspaces.ok()) return {};  // the store has said why; agents are told when they come again
  for (const int64_t workspace : *workspaces) publisher_.PublishWorkspace(workspace);
  return {};
}

v1::Effect ConnectedChanges::KeyRemoved(int64_t user_id, absl::string_view) {
  return UserChanged(user_id);
}

v1::Effect ConnectedChanges::ProviderChanged(const std::string& provider) {
  publisher_.PublishProvider(provider);
  return {};
}

v1::Effect ConnectedChanges::WorkspaceChanged(const WorkspaceRecord& workspace) {
  publisher_.PublishWorkspace(workspace.id);
  return {};
}

v1::Effect ConnectedChanges::WorkspaceDeleted(const WorkspaceRecord& workspace) {
  broker_.OnWorkspaceDeleted(workspace.id);
  return {};
}

v1::Effect ConnectedChanges::CredentialRevoked(const WorkspaceRecord& workspace) {
  agents_.Disconnect(
      workspace.id,
      absl::UnauthenticatedError(
          "the workspace's credential was replaced or revoked; it needs the new one"));
  return {};
}

}  // namespace homeport
