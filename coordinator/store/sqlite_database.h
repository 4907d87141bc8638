// One connection to a SQLite file through SOCI: opening with the checks and settings that the store
// relies on, transactions, and SQLite's errors as absl::Status.
//
// Threads: as SqlDatabase. One transaction at a time, behind the mutex: SQLite has one writer
// anyway, and what runs inside is the store's own SQL, short and without callbacks.
#ifndef HOMEPORT_COORDINATOR_STORE_SQLITE_DATABASE_H_
#define HOMEPORT_COORDINATOR_STORE_SQLITE_DATABASE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "coordinator/store/sql_database.h"

namespace homeport {

class SqliteDatabase final : public SqlDatabase {
 public:
  // Opens or makes the file (mode 0600) and verifies it. DATA_LOSS if it is no database or damaged;
  // nothing is written then.
  static absl::StatusOr<std::unique_ptr<SqliteDatabase>> Open(const std::string& path,
                                                              ErrorObserver on_error);

  // Writes all that is committed now into `path`, which is missing or empty, while others read and
  // write. It is not synced to the disk.
  absl::Status CopyInto(const std::string& path);

  const std::string& name() const override { return path_; }
  const SchemaSteps& schema() const override;
  bool HasTable(soci::session& session, const std::string& table) const override;
  std::vector<std::string> ListTables(soci::session& session) const override;
  std::vector<std::string> ListColumns(soci::session& session,
                                       const std::string& table) const override;
  int64_t LastNumber(soci::session& session, const std::string& table,
                     const std::string& column) const override;
  void SetLastNumber(soci::session& session, const std::string& table, const std::string& column,
                     int64_t number) const override;

 private:
  SqliteDatabase(std::string path, ErrorObserver on_error);

  absl::Status Run(Access access, Work work) override ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status Prepare() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status Failure(const std::exception& error) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string path_;
  const ErrorObserver on_error_;
  absl::Mutex mutex_;
  soci::session session_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_STORE_SQLITE_DATABASE_H_
