// SqliteStore's half about providers and workspaces.
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "coordinator/store/sqlite_rows.h"
#include "coordinator/store/sqlite_store.h"

namespace homeport {
namespace {

absl::Status ProviderNotFound(absl::string_view name) {
  return absl::NotFoundError(absl::StrCat("provider \"", name, "\" was not found"));
}

absl::Status WorkspaceNotFound(absl::string_view owner, absl::string_view name) {
  return absl::NotFoundError(absl::StrCat("workspace \"", owner, "/", name, "\" was not found"));
}

absl::Status NoSuchWorkspace(int64_t id) {
  return absl::NotFoundError(absl::StrCat("workspace number ", id, " was not found"));
}

constexpr char kByOwnerAndName[] = "WHERE u.name = :owner AND w.name = :name";

absl::StatusOr<WorkspaceRecord> SelectWorkspace(soci::session& session, absl::string_view owner,
                                                absl::string_view name) {
  std::vector<WorkspaceRecord> rows = SelectWorkspaces(session, kByOwnerAndName, {owner, name});
  if (rows.empty()) return WorkspaceNotFound(owner, name);
  return std::move(rows.front());
}

template <typename Value>
void Apply(const std::optional<Value>& change, Value& field) {
  if (change.has_value()) field = *change;
}

void WriteDetails(soci::session& session, const WorkspaceRecord& workspace) {
  const WorkspaceDetails& details = workspace.details;
  Execute(session,
          "UPDATE workspaces SET image_uri = :uri, image_tag = :tag, image_digest = :digest, "
          "gallery_item_url = :item, gallery_service_url = :service, base_path = :path, "
          "pinned_backend = :pin WHERE id = :id",
          {details.image_uri, details.image_tag, details.image_digest, details.gallery_item_url,
           details.gallery_service_url, details.base_path, BackendPinColumn(details.pinned_backend),
           workspace.id});
}

}  // namespace

absl::StatusOr<ProviderRecord> SqliteStore::CreateProvider(const ProviderRecord& provider) {
  return database_->Transact([&](soci::session& session) -> absl::StatusOr<ProviderRecord> {
    if (!SelectProviders(session, "WHERE name = :name", {provider.name}).empty()) {
      return absl::AlreadyExistsError(
          absl::StrCat("there is already a provider \"", provider.name, "\""));
    }
    Execute(session,
            "INSERT INTO providers (name, display_name, create_time, key_socket) VALUES (:name, "
            ":display, :time, :key_socket)",
            {provider.name, provider.display_name, TimeColumn(absl::Now()),
             provider.key_socket ? 1 : 0});
    return std::move(SelectProviders(session, "WHERE name = :name", {provider.name}).at(0));
  });
}

absl::StatusOr<ProviderRecord> SqliteStore::GetProvider(absl::string_view name) {
  return database_->Transact([&](soci::session& session) -> absl::StatusOr<ProviderRecord> {
    std::vector<ProviderRecord> rows = SelectProviders(session, "WHERE name = :name", {name});
    if (rows.empty()) return ProviderNotFound(name);
    return std::move(rows.front());
  });
}

absl::StatusOr<std::vector<ProviderRecord>> SqliteStore::ListProviders(absl::string_view after,
                                                                       int limit) {
  return database_->Transact([&](soci::session& session) {
    return absl::StatusOr<std::vector<ProviderRecord>>(
        SelectProviders(session, "WHERE name > :after ORDER BY name LIMIT :limit", {after, limit}));
  });
}

absl::StatusOr<ProviderRecord> SqliteStore::UpdateProvider(absl::string_view name,
                                                           const ProviderChange& change) {
  return database_->Transact([&](soci::session& session) -> absl::StatusOr<ProviderRecord> {
    std::vector<ProviderRecord> rows = SelectProviders(session, "WHERE name = :name", {name});
    if (rows.empty()) return ProviderNotFound(name);
    ProviderRecord& provider = rows.front();
    Apply(change.display_name, provider.display_name);
    Apply(change.key_socket, provider.key_socket);
    Execute(session,
            "UPDATE providers SET display_name = :display, key_socket = :key_socket WHERE id = :id",
            {provider.display_name, provider.key_socket ? 1 : 0, provider.id});
    return std::move(provider);
  });
}

absl::Status SqliteStore::DeleteProvider(absl::string_view name) {
  return database_->Transact([&](soci::session& session) -> absl::Status {
    const std::vector<ProviderRecord> rows = SelectProviders(session, "WHERE name = :name", {name});
    if (rows.empty()) return ProviderNotFound(name);
    const long long workspaces = QueryNumber(
        session, "SELECT count(*) FROM workspaces WHERE provider_id = :id", {rows.front().id});
    if (workspaces > 0) {
      return absl::FailedPreconditionError(absl::StrCat("provider \"", name, "\" has ", workspaces,
                                                        " workspaces; delete them first"));
    }
    Execute(session, "DELETE FROM providers WHERE id = :id", {rows.front().id});
    return absl::OkStatus();
  });
}

absl::StatusOr<WorkspaceRecord> SqliteStore::CreateWorkspace(const NewWorkspace& workspace) {
  return database_->Transact([&](soci::session& session) -> absl::StatusOr<WorkspaceRecord> {
    const std::vector<UserRecord> owners =
        SelectUsers(session, "WHERE name = :name", {workspace.owner});
    if (owners.empty()) {
      return absl::NotFoundError(absl::StrCat("user \"", workspace.owner, "\" was not found"));
    }
    const std::vector<ProviderRecord> providers =
        SelectProviders(session, "WHERE name = :name", {workspace.provider});
    if (providers.empty()) return ProviderNotFound(workspace.provider);
    if (SelectWorkspace(session, workspace.owner, workspace.name).ok()) {
      return absl::AlreadyExistsError(absl::StrCat("there is already a workspace \"",
                                                   workspace.owner, "/", workspace.name, "\""));
    }
    Execute(session,
            "INSERT INTO workspaces (owner_id, name, provider_id, create_time) VALUES (:owner, "
            ":name, :provider, :time)",
            {owners.front().id, workspace.name, providers.front().id, TimeColumn(absl::Now())});
    absl::StatusOr<WorkspaceRecord> made =
        SelectWorkspace(session, workspace.owner, workspace.name);
    if (!made.ok()) return made;
    InsertCredential(session, workspace.credential, made->id);
    made->details = workspace.details;
    WriteDetails(session, *made);
    return made;
  });
}

absl::StatusOr<WorkspaceRecord> SqliteStore::GetWorkspace(absl::string_view owner,
                                                          absl::string_view name) {
  return database_->Transact(
      [&](soci::session& session) { return SelectWorkspace(session, owner, name); });
}

absl::StatusOr<WorkspaceRecord> SqliteStore::GetWorkspaceById(int64_t id) {
  return database_->Transact([&](soci::session& session) -> absl::StatusOr<WorkspaceRecord> {
    std::vector<WorkspaceRecord> rows = SelectWorkspaces(session, "WHERE w.id = :id", {id});
    if (rows.empty()) return NoSuchWorkspace(id);
    return std::move(rows.front());
  });
}

absl::StatusOr<std::vector<WorkspaceRecord>> SqliteStore::ListWorkspaces(
    absl::string_view owner, absl::string_view after_owner, absl::string_view after_name,
    int limit) {
  return database_->Transact([&](soci::session& session) {
    return absl::StatusOr<std::vector<WorkspaceRecord>>(SelectWorkspaces(
        session,
        "WHERE (:all = '' OR u.name = :owner) AND (u.name > :after1 OR (u.name = :after2 AND "
        "w.name > :after_name)) ORDER BY u.name, w.name LIMIT :limit",
        {owner, owner, after_owner, after_owner, after_name, limit}));
  });
}

absl::StatusOr<WorkspaceRecord> SqliteStore::UpdateWorkspace(absl::string_view owner,
                                                             absl::string_view name,
                                                             const WorkspaceChange& change) {
  return database_->Transact([&](soci::session& session) -> absl::StatusOr<WorkspaceRecord> {
    absl::StatusOr<WorkspaceRecord> workspace = SelectWorkspace(session, owner, name);
    if (!workspace.ok()) return workspace;
    WorkspaceDetails& details = workspace->details;
    Apply(change.image_uri, details.image_uri);
    Apply(change.image_tag, details.image_tag);
    Apply(change.image_digest, details.image_digest);
    Apply(change.gallery_item_url, details.gallery_item_url);
    Apply(change.gallery_service_url, details.gallery_service_url);
    Apply(change.base_path, details.base_path);
    Apply(change.pinned_backend, details.pinned_backend);
    WriteDetails(session, *workspace);
    return workspace;
  });
}

absl::Status SqliteStore::SetOpenSshHostKeys(int64_t workspace_id, const KnownHostKeys& keys) {
  return database_->Transact([&](soci::session& session) -> absl::Status {
    const long long there =
        Execute(session,
                "UPDATE workspaces SET host_keys = :keys, old_host_keys = :old, "
                "host_key_change_time = :time WHERE id = :id",
                {KeysColumn(keys.keys), KeysColumn(keys.old_keys), TimeColumn(keys.change_time),
                 workspace_id});
    return there == 1 ? absl::OkStatus() : NoSuchWorkspace(workspace_id);
  });
}

absl::StatusOr<WorkspaceRecord> SqliteStore::DeleteWorkspace(absl::string_view owner,
                                                             absl::string_view name) {
  return database_->Transact([&](soci::session& session) -> absl::StatusOr<WorkspaceRecord> {
    absl::StatusOr<WorkspaceRecord> workspace = SelectWorkspace(session, owner, name);
    if (workspace.ok()) {
      Execute(session, "DELETE FROM workspaces WHERE id = :id", {workspace->id});
    }
    return workspace;
  });
}

absl::StatusOr<int> SqliteStore::TouchWorkspaces(const std::vector<int64_t>& ids, absl::Time time) {
  return database_->Transact([&](soci::session& session) -> absl::StatusOr<int> {
    int there = 0;
    for (const int64_t id : ids) {
      there += static_cast<int>(
          Execute(session, "UPDATE workspaces SET last_seen_time = :time WHERE id = :id",
                  {TimeColumn(time), id}));
    }
    return there;
  });
}

}  // namespace homeport
