// A PostgreSQL database through SOCI: a few connections, and turns for those who write.
//
// A Read is a transaction of its own that sees one moment (REPEATABLE READ, READ ONLY) and waits
// for nobody. A Write first takes one lock that all coordinators on the database share
// (pg_advisory_xact_lock), and runs at READ COMMITTED after it: it sees what every other one
// committed. So the rules that SQLite keeps by having one writer hold across replicas too. The
// price is that writes do not overlap: the statements of one with its line of the audit took 8 ms
// (pgbench, a socket of the same machine, fsync on, both processors busy with other things), most
// of it the server's fsync at the commit, and so all writers together made 125 to 130 changes a
// second, be it 1 or 8 of them. Reads took 0.7 ms, and 8 readers made 5,700 a second.
//
// A connection that broke is thrown away, and the next transaction makes another: a server that
// restarts or moves is noticed by those transactions alone that were under way. Of these, one that
// broke while it was being committed may have happened or not, and says so. A statement ends
// after 10 s, waiting for other writers after 5 s. A program that stops in the middle of a
// transaction loses its connection after 20 s, and with it the lock.
//
// Every connection also holds a lock that says that a program works with the database. One that
// opens it for itself alone gets in only when nobody else is there, and nobody else gets in then.
// These are locks and settings of a connection: a pooler in between has to keep sessions together.
//
// Threads: as SqlDatabase; up to kConnections transactions at a time, others wait for one to end.
#ifndef HOMEPORT_COORDINATOR_STORE_POSTGRESQL_DATABASE_H_
#define HOMEPORT_COORDINATOR_STORE_POSTGRESQL_DATABASE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "coordinator/store/postgresql_address.h"
#include "coordinator/store/sql_database.h"

namespace homeport {

class PostgresqlDatabase final : public SqlDatabase {
 public:
  static constexpr int kConnections = 8;

  enum class Use {
    kTogether,  // with other programs
    kAlone,     // FAILED_PRECONDITION while another program is there
  };

  // INVALID_ARGUMENT for what is no URL, UNAVAILABLE if the server cannot be reached.
  static absl::StatusOr<std::unique_ptr<PostgresqlDatabase>> Open(const std::string& url, Use use,
                                                                  ErrorObserver on_error);

  const std::string& name() const override { return address_.name; }
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
  using Session = std::unique_ptr<soci::session>;

  PostgresqlDatabase(PostgresqlAddress address, Use use, ErrorObserver on_error);

  absl::Status Run(Access access, Work work) override ABSL_LOCKS_EXCLUDED(mutex_);
  // A session in which a transaction has begun.
  absl::StatusOr<Session> Begin(Access access) ABSL_LOCKS_EXCLUDED(mutex_);
  // An idle connection, or a new one: `fresh` says which. Waits while too many are in use.
  absl::StatusOr<Session> Borrow(bool& fresh) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<Session> Connect() const;
  // Ends what goes on in the session, and keeps its connection for others if that is still good;
  // `lost` if it is known not to be.
  void GiveBack(Session session, bool lost) ABSL_LOCKS_EXCLUDED(mutex_);
  void CloseIdle() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status Report(const absl::Status& failure) const;

  const PostgresqlAddress address_;
  const Use use_;
  const ErrorObserver on_error_;
  absl::Mutex mutex_;
  std::vector<Session> idle_ ABSL_GUARDED_BY(mutex_);
  int open_ ABSL_GUARDED_BY(mutex_) = 0;  // idle or in use
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_STORE_POSTGRESQL_DATABASE_H_
