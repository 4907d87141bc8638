// The schema of the store's database: numbered steps that each go from one version to the next. A
// version means the same in every database (sqlite_schema.h, postgresql_schema.h); where one of
// them has nothing to do for it, its step has no statements.
//
// A released step is never changed: a new one is added below it. There is no way back.
//
// Two versions of the program run at once while replicas are upgraded one by one, and the newer one
// migrates first. So a step expands: it adds tables, and columns with a default, which a program
// that does not know them can leave alone. What nobody needs any more is taken away at the earliest
// one minor version later, by a step that contracts. Each step says from which schema version on
// programs can work with what it leaves (`compatible_from`): an expanding one repeats the number of
// the step before it, a contracting one raises it. The database remembers the number, and so an
// older program that meets a newer schema knows whether it may go on.
//
// Threads: any, before the database is shared.
#ifndef HOMEPORT_COORDINATOR_STORE_SCHEMA_H_
#define HOMEPORT_COORDINATOR_STORE_SCHEMA_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/store/sql_database.h"

namespace homeport {

struct SchemaState {
  int version = 0;          // 0: there is no schema
  int compatible_from = 0;  // programs that know an older version only cannot work with it
};

absl::StatusOr<SchemaState> ReadSchemaState(SqlDatabase& database);

// Brings the database to the last of `steps`, each step in one transaction; others may do the same
// at the same time. A newer schema that is compatible is left as it is. DATA_LOSS, without touching
// anything, if it is not compatible.
absl::Status Migrate(SqlDatabase& database, const SchemaSteps& steps);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_STORE_SCHEMA_H_
