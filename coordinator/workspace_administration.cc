#include "coordinator/workspace_administration.h"

#include <map>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/key_fingerprint.h"
#include "coordinator/audit_line.h"
#include "coordinator/keys/credential.h"
#include "coordinator/keys/secret.h"
#include "coordinator/page.h"
#include "coordinator/resource_name.h"
#include "coordinator/timestamps.h"
#include "coordinator/workspace_details.h"

namespace homeport {
namespace {

constexpr absl::Duration kLongestOldValidity = absl::Hours(24);

// What the record says.
v1::Workspace ToProto(const WorkspaceRecord& record) {
  v1::Workspace workspace;
  workspace.set_name(FormatWorkspaceName(record.owner, record.name));
  workspace.set_provider(FormatProviderName(record.provider));
  *workspace.mutable_create_time() = ToTimestamp(record.create_time);
  if (record.last_seen_time != absl::InfinitePast()) {
    *workspace.mutable_last_seen_time() = ToTimestamp(record.last_seen_time);
  }
  if (record.last_connection_time != absl::InfinitePast()) {
    *workspace.mutable_last_connection_time() = ToTimestamp(record.last_connection_time);
  }
  workspace.set_last_connection_address(record.last_connection_address);
  if (record.credential_create_time != absl::InfinitePast()) {
    *workspace.mutable_credential_create_time() = ToTimestamp(record.credential_create_time);
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

absl::StatusOr<absl::Duration> ReadOldValidity(const v1::RotateCredentialRequest& request) {
  const absl::Duration validity = ReadDuration(request.old_valid_for());
  if (validity >= absl::ZeroDuration() && validity <= kLongestOldValidity) return validity;
  return absl::InvalidArgumentError("old_valid_for must be 24 hours at most, and not negative");
}

}  // namespace

struct WorkspaceAdministration::Now {
  std::map<int64_t, int> live;         // sessions by workspace
  std::map<std::string, bool> let_in;  // by provider: External Connect
};

absl::StatusOr<WorkspaceAdministration::Now> WorkspaceAdministration::Look() const {
  absl::StatusOr<std::map<int64_t, int>> live = replicas_.CountSessions();
  if (!live.ok()) return live.status();
  return Now{*std::move(live), {}};
}

absl::StatusOr<v1::Workspace> WorkspaceAdministration::Describe(const WorkspaceRecord& record,
                                                                Now& now) {
  v1::Workspace workspace = ToProto(record);
  const absl::StatusOr<std::optional<SharedAgent>> agent = replicas_.FindAgent(record.id);
  if (!agent.ok()) return agent.status();
  if (agent->has_value() && (*agent)->reachable) {
    workspace.set_online(true);
    *workspace.mutable_last_seen_time() = ToTimestamp(absl::Now());
    *workspace.mutable_agent() = (*agent)->hello;
  }
  if (const auto found = now.live.find(record.id); found != now.live.end()) {
    workspace.set_live_sessions(found->second);
  }
  if (now.let_in.count(record.provider) == 0) {
    const absl::StatusOr<ProviderRecord> provider = store_.GetProvider(record.provider);
    if (!provider.ok()) return provider.status();
    now.let_in[record.provider] = provider->features.external_connect;
  }
  workspace.set_ssh_enabled(now.let_in[record.provider]);
  return workspace;
}

absl::Status WorkspaceAdministration::Answer(const WorkspaceRecord& record, v1::Effect effect,
                                             v1::Workspace& response) {
  absl::StatusOr<Now> now = Look();
  if (!now.ok()) return now.status();
  absl::StatusOr<v1::Workspace> described = Describe(record, *now);
  if (!described.ok()) return described.status();
  response = *std::move(described);
  *response.mutable_effect() = std::move(effect);
  return absl::OkStatus();
}

absl::Status WorkspaceAdministration::Create(const Caller& caller,
                                             const v1::CreateWorkspaceRequest& request,
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
  AuditDetail detail = {{"provider", FormatProviderName(*provider)}};
  if (!details->service_account.empty()) detail["service_account"] = details->service_account;
  NewCredential credential = MintCredential(CredentialKind::kWorkspace);
  const absl::StatusOr<WorkspaceRecord> made = store_.CreateWorkspace(
      {*owner, request.workspace_id(), *provider, credential.hashed, *std::move(details)},
      AuditLine(caller, "workspace.create", FormatWorkspaceName(*owner, request.workspace_id()),
                detail));
  if (!made.ok()) return made.status();
  status = Answer(*made, {}, response);
  if (!status.ok()) return status;
  response.clear_effect();
  response.set_credential(credential.token);
  WipeSecret(credential.token);
  return absl::OkStatus();
}

absl::Status WorkspaceAdministration::Get(const Caller&, const v1::GetWorkspaceRequest& request,
                                          v1::Workspace& response) {
  const absl::StatusOr<WorkspaceName> name = ParseWorkspaceName(request.name());
  if (!name.ok()) return name.status();
  const absl::StatusOr<WorkspaceRecord> workspace =
      store_.GetWorkspace(name->user, name->workspace);
  if (absl::IsNotFound(workspace.status())) return ResourceNotFound(request.name());
  if (!workspace.ok()) return workspace.status();
  absl::StatusOr<Now> now = Look();
  if (!now.ok()) return now.status();
  absl::StatusOr<v1::Workspace> described = Describe(*workspace, *now);
  if (described.ok()) response = *std::move(described);
  return described.status();
}

absl::Status WorkspaceAdministration::List(const Caller&, const v1::ListWorkspacesRequest& request,
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
  absl::StatusOr<Now> now = Look();
  if (!now.ok()) return now.status();
  for (const WorkspaceRecord& workspace : *workspaces) {
    if (response.workspaces_size() == *size) {
      const WorkspaceRecord& last = workspaces->at(static_cast<size_t>(*size - 1));
      response.set_next_page_token(MakePageToken(listing, {last.owner, last.name}));
      break;
    }
    absl::StatusOr<v1::Workspace> described = Describe(workspace, *now);
    if (!described.ok()) return described.status();
    *response.add_workspaces() = *std::move(described);
  }
  return absl::OkStatus();
}

absl::Status WorkspaceAdministration::Update(const Caller& caller,
                                             const v1::UpdateWorkspaceRequest& request,
                                             v1::Workspace& response) {
  const std::string& full_name = request.workspace().name();
  const absl::StatusOr<WorkspaceName> name = ParseWorkspaceName(full_name);
  if (!name.ok()) return name.status();
  const absl::StatusOr<WorkspaceChange> change =
      ReadWorkspaceChange(request.workspace(), request.update_mask());
  if (!change.ok()) return change.status();
  const absl::StatusOr<WorkspaceRecord> old = store_.GetWorkspace(name->user, name->workspace);
  if (absl::IsNotFound(old.status())) return ResourceNotFound(full_name);
  if (!old.ok()) return old.status();
  const absl::StatusOr<WorkspaceRecord> updated =
      store_.UpdateWorkspace(name->user, name->workspace, *change,
                             AuditLine(caller, "workspace.update", full_name,
                                       DescribeWorkspaceChange(old->details, *change)));
  if (absl::IsNotFound(updated.status())) return ResourceNotFound(full_name);
  if (!updated.ok()) return updated.status();
  v1::Effect effect = changes_.WorkspaceChanged(updated->id);
  // Whose token was good until now may be connected, here or elsewhere.
  const std::string& bound = old->details.service_account;
  if (!bound.empty() && updated->details.service_account != bound) {
    effect = changes_.CredentialRevoked(updated->id);
  }
  return Answer(*updated, std::move(effect), response);
}

absl::Status WorkspaceAdministration::Delete(const Caller& caller,
                                             const v1::DeleteWorkspaceRequest& request,
                                             v1::Effect& response) {
  const absl::StatusOr<WorkspaceName> name = ParseWorkspaceName(request.name());
  if (!name.ok()) return name.status();
  const absl::StatusOr<WorkspaceRecord> deleted = store_.DeleteWorkspace(
      name->user, name->workspace, AuditLine(caller, "workspace.delete", request.name()));
  if (absl::IsNotFound(deleted.status())) return ResourceNotFound(request.name());
  if (!deleted.ok()) return deleted.status();
  response = changes_.WorkspaceDeleted(deleted->id);
  return absl::OkStatus();
}

absl::Status WorkspaceAdministration::RotateCredential(const Caller& caller,
                                                       const v1::RotateCredentialRequest& request,
                                                       v1::Workspace& response) {
  const absl::StatusOr<WorkspaceName> name = ParseWorkspaceName(request.name());
  if (!name.ok()) return name.status();
  const absl::StatusOr<absl::Duration> validity = ReadOldValidity(request);
  if (!validity.ok()) return validity.status();
  NewCredential credential = MintCredential(CredentialKind::kWorkspace);
  const bool at_once = *validity == absl::ZeroDuration();
  const absl::StatusOr<WorkspaceRecord> rotated =
      store_.RotateCredential(name->user, name->workspace, credential.hashed,
                              at_once ? absl::InfinitePast() : absl::Now() + *validity,
                              AuditLine(caller, "workspace.rotate_credential", request.name(),
                                        {{"old_valid_for", absl::FormatDuration(*validity)}}));
  if (absl::IsNotFound(rotated.status())) return ResourceNotFound(request.name());
  if (!rotated.ok()) return rotated.status();
  v1::Effect effect = at_once ? changes_.CredentialRotated(rotated->id) : v1::Effect();
  const absl::Status status = Answer(*rotated, std::move(effect), response);
  if (status.ok()) response.set_credential(credential.token);
  WipeSecret(credential.token);
  return status;
}

absl::Status WorkspaceAdministration::RevokeCredential(const Caller& caller,
                                                       const v1::RevokeCredentialRequest& request,
                                                       v1::Workspace& response) {
  const absl::StatusOr<WorkspaceName> name = ParseWorkspaceName(request.name());
  if (!name.ok()) return name.status();
  const absl::StatusOr<WorkspaceRecord> revoked =
      store_.RevokeCredentials(name->user, name->workspace,
                               AuditLine(caller, "workspace.revoke_credential", request.name()));
  if (absl::IsNotFound(revoked.status())) return ResourceNotFound(request.name());
  if (!revoked.ok()) return revoked.status();
  return Answer(*revoked, changes_.CredentialRevoked(revoked->id), response);
}

}  // namespace homeport
