// The SQLite store's schema, as numbered steps that each go from one version to the next.
//
// A released step is never changed: a new one is added below it. There is no way back.
//
// Threads: any, before the database is shared.
#ifndef HOMEPORT_COORDINATOR_STORE_SQLITE_SCHEMA_H_
#define HOMEPORT_COORDINATOR_STORE_SQLITE_SCHEMA_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "coordinator/store/sqlite_database.h"

namespace homeport {

// Statements of each step; step i leads to version i + 1.
using SchemaSteps = std::vector<std::vector<std::string>>;

const SchemaSteps& SqliteSchemaSteps();

// 0 for a database without a schema.
absl::StatusOr<int> SqliteSchemaVersion(SqliteDatabase& database);

// Brings the database to the last of `steps`, each step in one transaction. DATA_LOSS, without
// touching anything, if it is of a newer version.
absl::Status MigrateSqlite(SqliteDatabase& database, const SchemaSteps& steps);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_STORE_SQLITE_SCHEMA_H_
