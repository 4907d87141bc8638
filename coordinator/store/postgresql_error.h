// PostgreSQL's errors, as SOCI throws them, as absl::Status.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_STORE_POSTGRESQL_ERROR_H_
#define HOMEPORT_COORDINATOR_STORE_POSTGRESQL_ERROR_H_

#include <exception>
#include <string>

#include "absl/status/status.h"

namespace homeport {

// `database` is its name for people. By the error's SQLSTATE (PostgreSQL's documentation, appendix
// A), and without one by `connected`, whether the connection is still there.
absl::Status PostgresqlStatus(const std::exception& error, bool connected,
                              const std::string& database);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_STORE_POSTGRESQL_ERROR_H_
