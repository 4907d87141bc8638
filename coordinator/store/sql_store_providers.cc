// SqlStore's providers.
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "coordinator/store/sql_rows.h"
#include "coordinator/store/sql_store.h"

namespace homeport {
namespace {

absl::Status ProviderNotFound(absl::string_view name) {
  return absl::NotFoundError(absl::StrCat("provider \"", name, "\" was not found"));
}

void WriteProvider(soci::session& session, const ProviderRecord& provider) {
  const ProviderFeatures& features = provider.features;
  Execute(session,
          "UPDATE providers SET display_name = :display, kind = :kind, namespace = :namespace, "
          "external_connect = :connect, port_forwarding = :ports, file_transfer = :files, "
          "agent_forwarding = :agent, x11_forwarding = :x11, key_socket = :socket WHERE id = :id",
          {provider.display_name, ProviderKindColumn(provider.kind), provider.name_space,
           features.external_connect ? 1 : 0, features.port_forwarding ? 1 : 0,
           features.file_transfer ? 1 : 0, features.agent_forwarding ? 1 : 0,
           features.x11_forwarding ? 1 : 0, features.key_socket ? 1 : 0, provider.id});
}

}  // namespace

absl::StatusOr<ProviderRecord> SqlStore::CreateProvider(const ProviderRecord& provider,
                                                        const AuditRecord& audit) {
  return Change(audit, [&](soci::session& session) -> absl::StatusOr<ProviderRecord> {
    if (!SelectProviders(session, "WHERE name = :name", {provider.name}).empty()) {
      return absl::AlreadyExistsError(
          absl::StrCat("there is already a provider \"", provider.name, "\""));
    }
    Execute(session,
            "INSERT INTO providers (name, display_name, create_time) VALUES (:name, :display, "
            ":time)",
            {provider.name, provider.display_name, TimeColumn(absl::Now())});
    ProviderRecord made =
        std::move(SelectProviders(session, "WHERE name = :name", {provider.name}).at(0));
    made.features = provider.features;
    made.kind = provider.kind;
    made.name_space = provider.name_space;
    WriteProvider(session, made);
    return made;
  });
}

absl::StatusOr<ProviderRecord> SqlStore::GetProvider(absl::string_view name) {
  return database_->Read([&](soci::session& session) -> absl::StatusOr<ProviderRecord> {
    std::vector<ProviderRecord> rows = SelectProviders(session, "WHERE name = :name", {name});
    if (rows.empty()) return ProviderNotFound(name);
    return std::move(rows.front());
  });
}

absl::StatusOr<std::vector<ProviderRecord>> SqlStore::ListProviders(absl::string_view after,
                                                                    int limit) {
  return database_->Read([&](soci::session& session) {
    return absl::StatusOr<std::vector<ProviderRecord>>(
        SelectProviders(session, "WHERE name > :after ORDER BY name LIMIT :limit", {after, limit}));
  });
}

absl::StatusOr<ProviderRecord> SqlStore::UpdateProvider(absl::string_view name,
                                                        const ProviderChange& change,
                                                        const AuditRecord& audit) {
  return Change(audit, [&](soci::session& session) -> absl::StatusOr<ProviderRecord> {
    std::vector<ProviderRecord> rows = SelectProviders(session, "WHERE name = :name", {name});
    if (rows.empty()) return ProviderNotFound(name);
    ProviderRecord& provider = rows.front();
    ProviderFeatures& features = provider.features;
    provider.display_name = change.display_name.value_or(provider.display_name);
    provider.kind = change.kind.value_or(provider.kind);
    provider.name_space = change.name_space.value_or(provider.name_space);
    features.external_connect = change.external_connect.value_or(features.external_connect);
    features.port_forwarding = change.port_forwarding.value_or(features.port_forwarding);
    features.file_transfer = change.file_transfer.value_or(features.file_transfer);
    features.agent_forwarding = change.agent_forwarding.value_or(features.agent_forwarding);
    features.x11_forwarding = change.x11_forwarding.value_or(features.x11_forwarding);
    features.key_socket = change.key_socket.value_or(features.key_socket);
    WriteProvider(session, provider);
    return std::move(provider);
  });
}

absl::Status SqlStore::DeleteProvider(absl::string_view name, const AuditRecord& audit) {
  return Change(audit, [&](soci::session& session) -> absl::Status {
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

}  // namespace homeport
