// The schema in PostgreSQL, which begins at version 4; schema.h says how it grows.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_STORE_POSTGRESQL_SCHEMA_H_
#define HOMEPORT_COORDINATOR_STORE_POSTGRESQL_SCHEMA_H_

#include "coordinator/store/sql_database.h"

namespace homeport {

const SchemaSteps& PostgresqlSchemaSteps();

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_STORE_POSTGRESQL_SCHEMA_H_
