// Opens the database or store at a location:
//
//   sqlite:PATH        a file, made if it is missing
//   postgresql://…     postgresql_address.h
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_STORE_OPEN_STORE_H_
#define HOMEPORT_COORDINATOR_STORE_OPEN_STORE_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/store/sql_database.h"
#include "coordinator/store/sql_store.h"

namespace homeport {

// The file of a location in SQLite; empty for another one.
std::string SqlitePath(const std::string& location);

// INVALID_ARGUMENT, without repeating it, for what is no location.
absl::Status CheckLocation(const std::string& location);

// Also FAILED_PRECONDITION for a database with a server that another program works with, if it is
// to be had alone. A file's callers see to that themselves.
absl::StatusOr<std::unique_ptr<SqlDatabase>> OpenDatabase(const std::string& location,
                                                          SqlDatabase::ErrorObserver on_error,
                                                          bool alone = false);

absl::StatusOr<std::unique_ptr<SqlStore>> OpenStore(const std::string& location,
                                                    SqlDatabase::ErrorObserver on_error = nullptr);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_STORE_OPEN_STORE_H_
