#include "coordinator/settings_publisher.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "base/logging.h"
#include "coordinator/workspace_details.h"

namespace homeport {

absl::StatusOr<v1::WorkspaceSettings> SettingsPublisher::Read(const WorkspaceRecord& workspace) {
  const absl::StatusOr<UserRecord> owner = store_.GetUserById(workspace.owner_id);
  if (!owner.ok()) return owner.status();
  const absl::StatusOr<ProviderRecord> provider = store_.GetProvider(workspace.provider);
  if (!provider.ok()) return provider.status();
  v1::WorkspaceSettings settings;
  settings.set_workspace_id(absl::StrCat(workspace.id));
  settings.set_workspace_name(workspace.name);
  settings.set_user_name(owner->name);
  settings.set_user_email(owner->email);
  settings.set_url(url_);
  const WorkspaceDetails& details = workspace.details;
  settings.set_image_uri(details.image_uri);
  settings.set_image_tag(details.image_tag);
  settings.set_image_digest(details.image_digest);
  settings.set_gallery_item_url(details.gallery_item_url);
  settings.set_gallery_service_url(details.gallery_service_url);
  settings.set_base_path(details.base_path);
  settings.set_pinned_backend(ToProto(details.pinned_backend));
  settings.set_key_socket(provider->features.key_socket);
  settings.set_external_connect_off(!provider->features.external_connect);
  settings.mutable_limits()->set_cpu_millis(details.cpu_limit_millis);
  settings.mutable_limits()->set_memory_bytes(details.memory_limit_bytes);
  return settings;
}

absl::StatusOr<v1::OwnerKeys> SettingsPublisher::ReadOwnerKeys(int64_t user_id) {
  v1::OwnerKeys keys;
  const absl::StatusOr<UserRecord> owner = store_.GetUserById(user_id);
  if (absl::IsNotFound(owner.status())) return keys;
  if (!owner.ok()) return owner.status();
  keys.set_comment(owner->email);
  if (owner->suspended) return keys;
  const absl::StatusOr<std::vector<std::string>> blobs = store_.ListKeyBlobs(user_id);
  if (!blobs.ok()) return blobs.status();
  for (const std::string& blob : *blobs) keys.add_public_keys(blob);
  return keys;
}

void SettingsPublisher::PublishWorkspace(int64_t workspace_id, const Revision& revision) {
  Publish(workspace_id, "", revision);
}

void SettingsPublisher::PublishProvider(const std::string& provider, const Revision& revision) {
  const absl::StatusOr<std::vector<int64_t>> ids = store_.ListProviderWorkspaceIds(provider);
  // Then each of all workspaces' own record says whether it is concerned.
  for (const int64_t workspace_id : ids.ok() ? *ids : agents_.Workspaces()) {
    if (agents_.IsConnected(workspace_id)) Publish(workspace_id, provider, revision);
  }
}

void SettingsPublisher::PublishOwnerKeys(int64_t user_id, const Revision& revision) {
  const int64_t ticket = agents_.NextTicket();
  const absl::StatusOr<v1::OwnerKeys> keys = ReadOwnerKeys(user_id);
  if (!keys.ok()) {
    Logger("agent")->error("the agents of user number {} are not told the owner's keys: {}",
                           user_id, std::string(keys.status().message()));
    return;
  }
  for (const int64_t workspace_id : agents_.WorkspacesOf(user_id)) {
    agents_.SendOwnerKeys(workspace_id, ticket, *keys, revision);
  }
}

void SettingsPublisher::Publish(int64_t workspace_id, const std::string& provider,
                                const Revision& revision) {
  // Before the records are read: of two that publish at once the one that began later has the newer
  // ones.
  const int64_t ticket = agents_.NextTicket();
  const absl::StatusOr<WorkspaceRecord> workspace = store_.GetWorkspaceById(workspace_id);
  if (absl::IsNotFound(workspace.status())) return;
  if (workspace.ok() && !provider.empty() && workspace->provider != provider) return;
  const absl::StatusOr<v1::WorkspaceSettings> settings =
      workspace.ok() ? Read(*workspace) : workspace.status();
  if (settings.ok()) {
    agents_.SendSettings(workspace_id, ticket, *settings, revision);
  } else {
    Logger("agent")->error("workspace number {} is not told its settings: {}", workspace_id,
                           std::string(settings.status().message()));
  }
}

}  // namespace homeport
