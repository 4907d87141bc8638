// SqlStore's workspaces.
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/types/span.h"
#include "coordinator/store/sql_rows.h"
#include "coordinator/store/sql_store.h"

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
          "pinned_backend = :pin, cpu_limit_millis = :cpu, memory_limit_bytes = :memory, "
          "service_account = :account "
          "WHERE id = :id",
          {details.image_uri, details.image_tag, details.image_digest, details.gallery_item_url,
           details.gallery_service_url, details.base_path, BackendPinColumn(details.pinned_backend),
           details.cpu_limit_millis, details.memory_limit_bytes, details.service_account,
           workspace.id});
}

}  // namespace

absl::StatusOr<WorkspaceRecord> SqlStore::CreateWorkspace(const NewWorkspace& workspace,
                                                          const AuditRecord& audit) {
  return Change(audit, [&](soci::session& session) -> absl::StatusOr<WorkspaceRecord> {
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

absl::StatusOr<WorkspaceRecord> SqlStore::GetWorkspace(absl::string_view owner,
                                                       absl::string_view name) {
  return database_->Read(
      [&](soci::session& session) { return SelectWorkspace(session, owner, name); });
}

absl::StatusOr<WorkspaceRecord> SqlStore::GetWorkspaceById(int64_t id) {
  return database_->Read([&](soci::session& session) -> absl::StatusOr<WorkspaceRecord> {
    std::vector<WorkspaceRecord> rows = SelectWorkspaces(session, "WHERE w.id = :id", {id});
    if (rows.empty()) return NoSuchWorkspace(id);
    return std::move(rows.front());
  });
}

absl::StatusOr<std::vector<WorkspaceRecord>> SqlStore::ListWorkspaces(absl::string_view owner,
                                                                      absl::string_view after_owner,
                                                                      absl::string_view after_name,
                                                                      int limit) {
  return database_->Read([&](soci::session& session) {
    return absl::StatusOr<std::vector<WorkspaceRecord>>(SelectWorkspaces(
        session,
        "WHERE (:all = '' OR u.name = :owner) AND (u.name > :after1 OR (u.name = :after2 AND "
        "w.name > :after_name)) ORDER BY u.name, w.name LIMIT :limit",
        {owner, owner, after_owner, after_owner, after_name, limit}));
  });
}

absl::StatusOr<std::vector<int64_t>> SqlStore::ListWorkspaceIds(int64_t owner_id) {
  return database_->Read([&](soci::session& session) {
    return absl::StatusOr<std::vector<int64_t>>(SelectNumbers(
        session, "SELECT id FROM workspaces WHERE owner_id = :owner ORDER BY id", {owner_id}));
  });
}

absl::StatusOr<std::vector<int64_t>> SqlStore::ListProviderWorkspaceIds(
    absl::string_view provider) {
  return database_->Read([&](soci::session& session) {
    return absl::StatusOr<std::vector<int64_t>>(SelectNumbers(
        session,
        "SELECT w.id FROM workspaces w JOIN providers p ON p.id = w.provider_id WHERE p.name = "
        ":provider ORDER BY w.id",
        {provider}));
  });
}

absl::StatusOr<WorkspaceRecord> SqlStore::UpdateWorkspace(absl::string_view owner,
                                                          absl::string_view name,
                                                          const WorkspaceChange& change,
                                                          const AuditRecord& audit) {
  return Change(audit, [&](soci::session& session) -> absl::StatusOr<WorkspaceRecord> {
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
    Apply(change.cpu_limit_millis, details.cpu_limit_millis);
    Apply(change.memory_limit_bytes, details.memory_limit_bytes);
    Apply(change.service_account, details.service_account);
    WriteDetails(session, *workspace);
    return workspace;
  });
}

absl::Status SqlStore::SetOpenSshHostKeys(int64_t workspace_id, const KnownHostKeys& keys,
                                          const AuditRecord* audit) {
  return database_->Write([&](soci::session& session) -> absl::Status {
    const long long there =
        Execute(session,
                "UPDATE workspaces SET host_keys = :keys, old_host_keys = :old, "
                "host_key_change_time = :time WHERE id = :id",
                {KeysColumn(keys.keys), KeysColumn(keys.old_keys), TimeColumn(keys.change_time),
                 workspace_id});
    if (there == 0) return NoSuchWorkspace(workspace_id);
    if (audit != nullptr) WriteAudit(session, *audit);
    return absl::OkStatus();
  });
}

absl::StatusOr<WorkspaceRecord> SqlStore::DeleteWorkspace(absl::string_view owner,
                                                          absl::string_view name,
                                                          const AuditRecord& audit) {
  return Change(audit, [&](soci::session& session) -> absl::StatusOr<WorkspaceRecord> {
    absl::StatusOr<WorkspaceRecord> workspace = SelectWorkspace(session, owner, name);
    if (workspace.ok()) {
      Execute(session, "DELETE FROM workspaces WHERE id = :id", {workspace->id});
    }
    return workspace;
  });
}

absl::StatusOr<int> SqlStore::TouchWorkspaces(const std::vector<int64_t>& ids, absl::Time time) {
  // Many in a statement, so that a database with a server is not asked ten thousand times.
  constexpr size_t kAtATime = 1000;
  return database_->Write([&](soci::session& session) -> absl::StatusOr<int> {
    long long there = 0;
    for (size_t i = 0; i < ids.size(); i += kAtATime) {
      const std::string batch = absl::StrJoin(absl::MakeConstSpan(ids).subspan(i, kAtATime), ", ");
      there += Execute(
          session,
          absl::StrCat("UPDATE workspaces SET last_seen_time = :time WHERE id IN (", batch, ")"),
          {TimeColumn(time)});
    }
    return static_cast<int>(there);
  });
}

}  // namespace homeport
