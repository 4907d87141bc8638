// One connection to a SQLite file through SOCI: opening with the checks and settings that the store
// relies on, transactions, and SQLite's errors as absl::Status.
//
// Threads: any. One transaction at a time, behind the mutex: SQLite has one writer anyway, and what
// runs inside is the store's own SQL, short and without callbacks.
#ifndef HOMEPORT_COORDINATOR_STORE_SQLITE_DATABASE_H_
#define HOMEPORT_COORDINATOR_STORE_SQLITE_DATABASE_H_

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "soci/soci.h"

namespace homeport {

class SqliteDatabase {
 public:
  using ErrorObserver = std::function<void(const absl::Status&)>;

  // Opens or makes the file (mode 0600) and verifies it. DATA_LOSS if it is no database or damaged;
  // nothing is written then. `on_error` hears of each failure that is SQLite's and not the
  // caller's; may be null.
  static absl::StatusOr<std::unique_ptr<SqliteDatabase>> Open(const std::string& path,
                                                              ErrorObserver on_error);

  // Runs `body(soci::session&)`, which returns absl::Status or absl::StatusOr, in a transaction:
  // committed if it returns OK, rolled back otherwise. What SOCI throws becomes the status.
  template <typename Body>
  auto Transact(Body body) -> std::invoke_result_t<Body, soci::session&> {
    absl::MutexLock lock(&mutex_);
    try {
      Transaction transaction(session_);
      auto result = body(session_);
      if (!result.ok()) return result;
      transaction.Commit();
      return result;
    } catch (const std::exception& error) {
      return Failure(error);
    }
  }

 private:
  // BEGIN IMMEDIATE, so that a transaction that reads first does not fail when it comes to write.
  class Transaction {
   public:
    explicit Transaction(soci::session& session) : session_(session) {
      session_ << "BEGIN IMMEDIATE";
    }
    ~Transaction();
    void Commit() {
      session_ << "COMMIT";
      open_ = false;
    }

   private:
    soci::session& session_;
    bool open_ = true;
  };

  SqliteDatabase(std::string path, ErrorObserver on_error);

  absl::Status Prepare() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status Failure(const std::exception& error) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string path_;
  const ErrorObserver on_error_;
  absl::Mutex mutex_;
  soci::session session_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_STORE_SQLITE_DATABASE_H_
