// The schema in SQLite; schema.h says how it grows.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_STORE_SQLITE_SCHEMA_H_
#define HOMEPORT_COORDINATOR_STORE_SQLITE_SCHEMA_H_

#include "coordinator/store/sql_database.h"

namespace homeport {

const SchemaSteps& SqliteSchemaSteps();

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_STORE_SQLITE_SCHEMA_H_
