// A backup of a SQLite store while a coordinator works with it.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_STORE_SQLITE_BACKUP_H_
#define HOMEPORT_COORDINATOR_STORE_SQLITE_BACKUP_H_

#include <string>

#include "absl/status/statusor.h"
#include "coordinator/store/records.h"

namespace homeport {

// Writes all that is committed in the database `file` at one moment of the call into `to`, a
// database of its own (mode 0600). It is verified and on the disk, under its name, when this
// returns; before that there is nothing of that name. The answer is what the backup's audit is
// like: a problem is one that the database has too. ALREADY_EXISTS if there is something at `to`,
// NOT_FOUND if there is no database.
absl::StatusOr<AuditVerification> BackUpSqlite(const std::string& file, const std::string& to,
                                               const std::string& audit_key);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_STORE_SQLITE_BACKUP_H_
