#include "coordinator/store/schema.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/logging.h"
#include "coordinator/store/sql_statement.h"

namespace homeport {
namespace {

constexpr char kVersions[] = "schema_version";
// From this version on the table says what is compatible; before it nothing was.
constexpr int kFirstWithCompatibility = 4;

SchemaState ReadState(SqlDatabase& database, soci::session& session) {
  SchemaState state;
  if (!database.HasTable(session, kVersions)) return state;
  state.version = static_cast<int>(
      QueryNumber(session, "SELECT coalesce(max(version), 0) FROM schema_version", {}));
  state.compatible_from =
      state.version < kFirstWithCompatibility
          ? state.version
          : static_cast<int>(
                QueryNumber(session, "SELECT max(compatible_from) FROM schema_version", {}));
  return state;
}

absl::Status CheckCompatible(const SchemaState& found, int newest) {
  if (found.compatible_from <= newest) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("the database has schema version ", found.version,
                   ", which asks for programs "
                   "that know version ",
                   found.compatible_from, ", and this program knows ", newest,
                   " at most; run the program that wrote it, or a newer one"));
}

void Apply(soci::session& session, const SchemaStep& step) {
  for (const std::string& statement : step.statements) session << statement;
  if (step.version < kFirstWithCompatibility) {
    Execute(session, "INSERT INTO schema_version (version) VALUES (:version)", {step.version});
  } else {
    Execute(session,
            "INSERT INTO schema_version (version, compatible_from) VALUES (:version, :from)",
            {step.version, step.compatible_from});
  }
}

}  // namespace

absl::StatusOr<SchemaState> ReadSchemaState(SqlDatabase& database) {
  return database.Read([&](soci::session& session) -> absl::StatusOr<SchemaState> {
    return ReadState(database, session);
  });
}

absl::Status Migrate(SqlDatabase& database, const SchemaSteps& steps) {
  const int newest = steps.back().version;
  const absl::StatusOr<SchemaState> found = ReadSchemaState(database);
  if (!found.ok()) return found.status();
  if (absl::Status status = CheckCompatible(*found, newest); !status.ok()) return status;
  if (found->version > newest) {
    Logger("store")->info(
        "the database is at schema version {}, which a newer program made; this one knows {} and "
        "works with it",
        found->version, newest);
  }
  for (const SchemaStep& step : steps) {
    if (step.version <= found->version) continue;
    bool done = false;
    const absl::Status status = database.WriteAtLeisure([&](soci::session& session) {
      // Somebody else may have come first.
      const SchemaState now = ReadState(database, session);
      if (absl::Status compatible = CheckCompatible(now, newest); !compatible.ok()) {
        return compatible;
      }
      done = now.version < step.version;
      if (done) Apply(session, step);
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
    if (done) Logger("store")->info("the database is now at schema version {}", step.version);
  }
  return absl::OkStatus();
}

}  // namespace homeport
