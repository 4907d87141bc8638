#include "coordinator/settings_publisher.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/logging.h"
#include "coordinator/workspace_details.h"

namespace homeport {

namespace {

// A page costs a search of its own, and holds nobody up for long.
constexpr int kPage = 2000;

}  // namespace

absl::StatusOr<v1::WorkspaceSettings> SettingsPublisher::Read(const WorkspaceRecord& workspace) {
  const absl::StatusOr<UserRecord> owner = store_.GetUserById(workspace.owner_id);
  if (!owner.ok()) return owner.status();
  const absl::StatusOr<ProviderRecord> provider = store_.GetProvider(workspace.provider);
  if (!provider.ok()) return provider.status();
  return Make(workspace, *owner, *provider);
}

v1::WorkspaceSettings SettingsPublisher::Make(const WorkspaceRecord& workspace,
                                              const UserRecord& owner,
                                              const ProviderRecord& provider) const {
  v1::WorkspaceSettings settings;
  settings.set_workspace_id(absl::StrCat(workspace.id));
  settings.set_workspace_name(workspace.name);
  settings.set_user_name(owner.name);
  settings.set_user_email(owner.email);
  settings.set_url(url_);
  const WorkspaceDetails& details = workspace.details;
  settings.set_image_uri(details.image_uri);
  settings.set_image_tag(details.image_tag);
  settings.set_image_digest(details.image_digest);
  settings.set_gallery_item_url(details.gallery_item_url);
  settings.set_gallery_service_url(details.gallery_service_url);
  settings.set_base_path(details.base_path);
  settings.set_pinned_backend(ToProto(details.pinned_backend));
  settings.set_key_socket(provider.features.key_socket);
  settings.set_external_connect_off(!provider.features.external_connect);
  settings.mutable_limits()->set_cpu_millis(details.cpu_limit_millis);
  settings.mutable_limits()->set_memory_bytes(details.memory_limit_bytes);
  return settings;
}

absl::StatusOr<v1::OwnerKeys> SettingsPublisher::ReadOwnerKeys(int64_t user_id) {
  const absl::StatusOr<UserRecord> owner = store_.GetUserById(user_id);
  if (absl::IsNotFound(owner.status())) return v1::OwnerKeys();
  if (!owner.ok()) return owner.status();
  return ReadOwnerKeys(*owner);
}

absl::StatusOr<v1::OwnerKeys> SettingsPublisher::ReadOwnerKeys(const UserRecord& owner) {
  v1::OwnerKeys keys;
  keys.set_comment(owner.email);
  if (owner.suspended) return keys;
  const absl::StatusOr<std::vector<std::string>> blobs = store_.ListKeyBlobs(owner.id);
  if (!blobs.ok()) return blobs.status();
  for (const std::string& blob : *blobs) keys.add_public_keys(blob);
  return keys;
}

absl::StatusOr<SettingsPublisher::Welcome> SettingsPublisher::ReadWelcome(
    const WorkspaceRecord& workspace) {
  const absl::StatusOr<UserRecord> owner = store_.GetUserById(workspace.owner_id);
  if (!owner.ok()) return owner.status();
  const absl::StatusOr<ProviderRecord> provider = store_.GetProvider(workspace.provider);
  if (!provider.ok()) return provider.status();
  absl::StatusOr<v1::OwnerKeys> keys = ReadOwnerKeys(*owner);
  if (!keys.ok()) return keys.status();
  return Welcome{*std::move(keys), Make(workspace, *owner, *provider)};
}

void SettingsPublisher::PublishWorkspace(int64_t workspace_id, const Revision& revision) {
  agents_.NoteChange();
  SendSettings(workspace_id, revision);
}

void SettingsPublisher::PublishOwnerKeys(int64_t user_id, const Revision& revision) {
  agents_.NoteChange();
  SendOwnerKeys(user_id, revision);
}

void SettingsPublisher::CatchUp(int64_t workspace_id, int64_t owner_id) {
  SendSettings(workspace_id, nullptr);
  SendOwnerKeys(owner_id, nullptr);
}

// Thousands may be concerned: a few large questions instead of three for each.
void SettingsPublisher::PublishProvider(const std::string& provider, const Revision& revision) {
  agents_.NoteChange();
  // Before the records are read: of two that publish at once the one that began later has the newer
  // ones.
  const int64_t ticket = agents_.NextTicket();
  absl::Status status;
  const absl::StatusOr<ProviderRecord> record = store_.GetProvider(provider);
  status.Update(record.status());
  const auto users = ReadUsers();
  status.Update(users.status());
  std::string after_owner, after_name;
  for (bool more = true; status.ok() && more;) {
    const absl::StatusOr<std::vector<WorkspaceRecord>> page =
        store_.ListWorkspaces("", after_owner, after_name, kPage);
    status.Update(page.status());
    if (!status.ok()) break;
    for (const WorkspaceRecord& workspace : *page) {
      const auto owner = users->find(workspace.owner_id);
      if (workspace.provider != provider || owner == users->end()) continue;
      if (!agents_.IsConnected(workspace.id)) continue;
      agents_.SendSettings(workspace.id, ticket, Make(workspace, owner->second, *record), revision);
    }
    more = page->size() == kPage;
    if (!more) break;
    after_owner = page->back().owner;
    after_name = page->back().name;
  }
  if (status.ok() || absl::IsNotFound(status)) return;
  Logger("agent")->error("not all agents of provider {} are told their settings: {}", provider,
                         std::string(status.message()));
}

absl::StatusOr<std::unordered_map<int64_t, UserRecord>> SettingsPublisher::ReadUsers() {
  std::unordered_map<int64_t, UserRecord> users;
  for (std::string after;;) {
    absl::StatusOr<std::vector<UserRecord>> page = store_.ListUsers(after, kPage);
    if (!page.ok()) return page.status();
    const bool more = page->size() == kPage;
    if (more) after = page->back().name;
    for (UserRecord& user : *page) {
      const int64_t id = user.id;
      users[id] = std::move(user);
    }
    if (!more) return users;
  }
}

void SettingsPublisher::SendOwnerKeys(int64_t user_id, const Revision& revision) {
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

void SettingsPublisher::SendSettings(int64_t workspace_id, const Revision& revision) {
  const int64_t ticket = agents_.NextTicket();  // as in PublishProvider
  const absl::StatusOr<WorkspaceRecord> workspace = store_.GetWorkspaceById(workspace_id);
  if (absl::IsNotFound(workspace.status())) return;
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
