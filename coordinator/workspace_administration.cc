#include "coordinator/workspace_administration.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/key_fingerprint.h"
#include "coordinator/keys/credential.h"
#include "coordinator/keys/ed25519_key_pair.h"
#include "coordinator/page.h"
#include "coordinator/resource_name.h"
#include "coordinator/timestamps.h"
#include "coordinator/workspace_details.h"

namespace homeport {

v1::Workspace WorkspaceAdministration::ToProto(const WorkspaceRecord& record) const {
  v1::Workspace workspace;
  workspace.set_name(FormatWorkspaceName(record.owner, record.name));
  workspace.set_provider(FormatProviderName(record.provider));
  *workspace.mutable_create_time() = ToTimestamp(record.create_time);
  const std::optional<ConnectedAgent> agent = agents_.Find(record.id);
  if (agent.has_value()) {
    workspace.set_online(true);
    *workspace.mutable_last_seen_time() = ToTimestamp(absl::Now());
    *workspace.mutable_agent() = agent->hello;
  } else if (record.last_seen_time != absl::InfinitePast()) {
    *workspace.mutable_last_seen_time() = ToTimestamp(record.last_seen_time);
  }
  WriteWorkspaceDetails(record.details, workspace);
  const KnownHostKeys& keys = record.openssh_host_keys;
  if (keys.change_time != absl::InfinitePast()) {
    v1::HostKeyChange& change = *workspace.mutable_host_key_change();
    *change.mutable_time() = ToTimestamp(keys.change_time);
    for (const std::string& key : keys.old_keys) change.add_old_keys(DescribeKey(key));
    for (const std::string& key : keys.keys) change.add_new_keys(DescribeKey(key));
  }
  return workspace;
}

absl::Status WorkspaceAdministration::Create(const v1::CreateWorkspaceRequest& request,
                                             v1::Workspace& response) {
  const absl::StatusOr<std::string> owner = ParseUserName(request.parent());
  if (!owner.ok()) return owner.status();
  absl::Status status = CheckResourceId("workspace_id", request.workspace_id());
  if (!status.ok()) return status;
  const absl::StatusOr<std::string> provider = ParseProviderName(request.workspace().provider());
  if (!provider.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("workspace.provider: ", provider.status().message()));
  }
  absl::StatusOr<WorkspaceDetails> details = ReadWorkspaceDetails(request.workspace());
  if (!details.ok()) return details.status();
  NewCredential credential = MintCredential(CredentialKind::kWorkspace);
  const absl::StatusOr<WorkspaceRecord> made = store_.CreateWorkspace(
      {*owner, request.workspace_id(), *provider, credential.hashed, *std::move(details)},
      {0, absl::Now(), "", "workspace.create", FormatWorkspaceName(*owner, request.workspace_id()),
       "", "{}"});
  if (!made.ok()) return made.status();
  response = ToProto(*made);
  response.set_credential(credential.token);
  WipeSecret(credential.token);
  return absl::OkStatus();
}

absl::Status WorkspaceAdministration::Get(const v1::GetWorkspaceRequest& request,
                                          v1::Workspace& response) {
  const absl::StatusOr<WorkspaceName> name = ParseWorkspaceName(request.name());
  if (!name.ok()) return name.status();
  const absl::StatusOr<WorkspaceRecord> workspace =
      store_.GetWorkspace(name->user, name->workspace);
  if (absl::IsNotFound(workspace.status())) return ResourceNotFound(request.name());
  if (workspace.ok()) response = ToProto(*workspace);
  return workspace.status();
}

absl::Status WorkspaceAdministration::List(const v1::ListWorkspacesRequest& request,
                                           v1::ListWorkspacesResponse& response) {
  std::string owner;  // empty: everybody's
  if (!request.parent().empty() && request.parent() != "users/-") {
    const absl::StatusOr<std::string> parsed = ParseUserName(request.parent());
    if (!parsed.ok()) return parsed.status();
    const absl::StatusOr<UserRecord> user = store_.GetUser(*parsed);
    if (absl::IsNotFound(user.status())) return ResourceNotFound(request.parent());
    if (!user.ok()) return user.status();
    owner = user->name;
  }
  const absl::StatusOr<int> size = PageSize(request.page_size());
  if (!size.ok()) return size.status();
  const std::string listing = absl::StrCat("workspaces of ", owner);
  const absl::StatusOr<std::vector<std::string>> after =
      ParsePageToken(request.page_token(), listing, 2);
  if (!after.ok()) return after.status();
  // One more than asked for says whether there is another page.
  const absl::StatusOr<std::vector<WorkspaceRecord>> workspaces =
      store_.ListWorkspaces(owner, after->at(0), after->at(1), *size + 1);
  if (!workspaces.ok()) return workspaces.status();
  for (const WorkspaceRecord& workspace : *workspaces) {
    if (response.workspaces_size() == *size) {
      const WorkspaceRecord& last = workspaces->at(static_cast<size_t>(*size - 1));
      response.set_next_page_token(MakePageToken(listing, {last.owner, last.name}));
      break;
    }
    *response.add_workspaces() = ToProto(workspace);
  }
  return absl::OkStatus();
}

absl::Status WorkspaceAdministration::Update(const v1::UpdateWorkspaceRequest& request,
                                             v1::Workspace& response) {
  const std::string& full_name = request.workspace().name();
  const absl::StatusOr<WorkspaceName> name = ParseWorkspaceName(full_name);
  if (!name.ok()) return name.status();
  const absl::StatusOr<WorkspaceChange> change =
      ReadWorkspaceChange(request.workspace(), request.update_mask());
  if (!change.ok()) return change.status();
  const absl::StatusOr<WorkspaceRecord> updated =
      store_.UpdateWorkspace(name->user, name->workspace, *change,
                             {0, absl::Now(), "", "workspace.update", full_name, "", "{}"});
  if (absl::IsNotFound(updated.status())) return ResourceNotFound(full_name);
  if (!updated.ok()) return updated.status();
  response = ToProto(*updated);
  publisher_.PublishWorkspace(updated->id);
  return absl::OkStatus();
}

absl::Status WorkspaceAdministration::Delete(const v1::DeleteWorkspaceRequest& request) {
  const absl::StatusOr<WorkspaceName> name = ParseWorkspaceName(request.name());
  if (!name.ok()) return name.status();
  const absl::StatusOr<WorkspaceRecord> deleted =
      store_.DeleteWorkspace(name->user, name->workspace,
                             {0, absl::Now(), "", "workspace.delete", request.name(), "", "{}"});
  if (absl::IsNotFound(deleted.status())) return ResourceNotFound(request.name());
  if (deleted.ok()) broker_.OnWorkspaceDeleted(deleted->id);
  return deleted.status();
}

}  // namespace homeport
