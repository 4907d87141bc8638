#include "coordinator/store/open_store.h"

#include <utility>

#include "absl/strings/match.h"
#include "coordinator/store/postgresql_address.h"
#include "coordinator/store/postgresql_database.h"
#include "coordinator/store/sqlite_database.h"

namespace homeport {
namespace {

constexpr absl::string_view kSqlite = "sqlite:";

// A StatusOr of what derives from a class, as one of that class.
template <typename Database>
absl::StatusOr<std::unique_ptr<SqlDatabase>> Opened(
    absl::StatusOr<std::unique_ptr<Database>> database) {
  if (!database.ok()) return database.status();
  return std::unique_ptr<SqlDatabase>(*std::move(database));
}

}  // namespace

std::string SqlitePath(const std::string& location) {
  return absl::StartsWith(location, kSqlite) ? location.substr(kSqlite.size()) : "";
}

absl::Status CheckLocation(const std::string& location) {
  if (IsPostgresqlUrl(location)) return ParsePostgresqlUrl(location).status();
  if (!SqlitePath(location).empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "a store is sqlite:PATH or postgresql://user@host:5432/database");
}

absl::StatusOr<std::unique_ptr<SqlDatabase>> OpenDatabase(const std::string& location,
                                                          SqlDatabase::ErrorObserver on_error,
                                                          bool alone) {
  if (absl::Status status = CheckLocation(location); !status.ok()) return status;
  if (IsPostgresqlUrl(location)) {
    const auto use = alone ? PostgresqlDatabase::Use::kAlone : PostgresqlDatabase::Use::kTogether;
    return Opened(PostgresqlDatabase::Open(location, use, std::move(on_error)));
  }
  return Opened(SqliteDatabase::Open(SqlitePath(location), std::move(on_error)));
}

absl::StatusOr<std::unique_ptr<SqlStore>> OpenStore(const std::string& location,
                                                    SqlDatabase::ErrorObserver on_error) {
  absl::StatusOr<std::unique_ptr<SqlDatabase>> database =
      OpenDatabase(location, std::move(on_error));
  if (!database.ok()) return database.status();
  return SqlStore::Open(*std::move(database));
}

}  // namespace homeport
