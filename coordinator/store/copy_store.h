// Moves all that a store holds into another database, and sees that it came whole.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_STORE_COPY_STORE_H_
#define HOMEPORT_COORDINATOR_STORE_COPY_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "coordinator/store/records.h"
#include "coordinator/store/sql_database.h"

namespace homeport {

struct CopiedTable {
  std::string name;
  int64_t rows = 0;
  std::string digest;  // SHA-256 of all rows in their order, in hexadecimal digits
};

struct CopyReport {
  std::vector<CopiedTable> tables;
  AuditVerification audit;  // of the copy
};

// Copies every table and goes on counting where the source did. Both databases are at the newest
// schema, and nobody else works with them. All of it is one transaction of the target, which is
// committed only if every table reads there as it does in the source and the audit is as whole as
// it was; so after a failure the target is as empty as before. FAILED_PRECONDITION if it is not
// empty. A problem of the audit that the source has too is in the report.
absl::StatusOr<CopyReport> CopyStore(SqlDatabase& from, SqlDatabase& to,
                                     const std::string& audit_key);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_STORE_COPY_STORE_H_
