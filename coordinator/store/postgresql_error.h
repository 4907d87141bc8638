// PostgreSQL's errors, as SOCI throws them, as absl::Status.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_STORE_POSTGRESQL_ERROR_H_
#define HOMEPORT_COORDINATOR_STORE_POSTGRESQL_ERROR_H_

#include <exception>
#include <string>

#include "absl/status/status.h"

namespace homeport {

// Whether the error means that the connection is gone. libpq may not have noticed that itself yet
// (`connected`): it has, for example, failed to write and not tried to read.
bool IsConnectionLost(const std::exception& error, bool connected);

// `database` is its name for people. By the error's SQLSTATE (PostgreSQL's documentation, appendix
// A), and without one by whether the connection is gone.
absl::Status PostgresqlStatus(const std::exception& error, bool connected,
                              const std::string& database);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_STORE_POSTGRESQL_ERROR_H_
