#include "coordinator/store/postgresql_database.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/logging.h"
#include "coordinator/store/postgresql_error.h"
#include "coordinator/store/postgresql_schema.h"
#include "coordinator/store/sql_statement.h"
#include "soci/postgresql/soci-postgresql.h"

namespace homeport {
namespace {

// How long to wait for one of our own connections.
constexpr absl::Duration kPatience = absl::Seconds(10);
// And for others to be gone.
constexpr absl::Duration kFarewell = absl::Seconds(3);

// "homeport" in ASCII: the lock of those who write, and the one of those who are there.
constexpr int64_t kWriters = 0x686f6d65706f7274;
constexpr int64_t kPresence = kWriters + 1;

// Statements, waiting for locks, and a program that stops in the middle of a transaction.
constexpr char kLimits[] =
    "SET statement_timeout = '10s'; SET lock_timeout = '5s'; "
    "SET idle_in_transaction_session_timeout = '20s'; SET client_min_messages = 'warning'; "
    "SET standard_conforming_strings = on; SET client_encoding = 'UTF8'";
constexpr char kLeisure[] =
    "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '60s'; "
    "SET LOCAL idle_in_transaction_session_timeout = 0; ";

PGconn* ConnectionOf(soci::session& session) {
  return static_cast<soci::postgresql_session_backend*>(session.get_backend())->conn_;
}

bool IsConnected(soci::session& session) {
  return PQstatus(ConnectionOf(session)) == CONNECTION_OK;
}

// Takes the lock that says that a program is here, or is here alone. A program that has just ended
// is given a moment: its connections end a little later than itself.
bool AnnounceItself(soci::session& session, bool alone) {
  const std::string query = absl::StrCat(
      "SELECT CASE WHEN ", alone ? "pg_try_advisory_lock" : "pg_try_advisory_lock_shared", "(",
      kPresence, ") THEN 1 ELSE 0 END");
  const absl::Time end = absl::Now() + kFarewell;
  while (QueryNumber(session, query, {}) == 0) {
    if (absl::Now() > end) return false;
    absl::SleepFor(kFarewell / 30);
  }
  return true;
}

void LogNotice(void* /*unused*/, const char* message) {
  Logger("store")->warn("the database says: {}", std::string(absl::StripAsciiWhitespace(message)));
}

}  // namespace

PostgresqlDatabase::PostgresqlDatabase(PostgresqlAddress address, Use use, ErrorObserver on_error)
    : address_(std::move(address)), use_(use), on_error_(std::move(on_error)) {}

absl::StatusOr<std::unique_ptr<PostgresqlDatabase>> PostgresqlDatabase::Open(
    const std::string& url, Use use, ErrorObserver on_error) {
  absl::StatusOr<PostgresqlAddress> address = ParsePostgresqlUrl(url);
  if (!address.ok()) return address.status();
  auto database = std::unique_ptr<PostgresqlDatabase>(
      new PostgresqlDatabase(*std::move(address), use, std::move(on_error)));
  bool fresh = false;
  absl::StatusOr<Session> first = database->Borrow(fresh);
  if (!first.ok()) return first.status();
  database->GiveBack(*std::move(first), /*lost=*/false);
  return database;
}

absl::StatusOr<PostgresqlDatabase::Session> PostgresqlDatabase::Connect() const {
  Session session;
  try {
    session = std::make_unique<soci::session>(soci::postgresql, address_.connection);
    // The usual messages would have rows in them, sealed keys and all.
    PQsetErrorVerbosity(ConnectionOf(*session), PQERRORS_TERSE);
    PQsetNoticeProcessor(ConnectionOf(*session), LogNotice, nullptr);
    *session << kLimits;
    if (AnnounceItself(*session, use_ == Use::kAlone)) return session;
  } catch (const std::exception& error) {
    return PostgresqlStatus(error, session != nullptr && IsConnected(*session), address_.name);
  }
  if (use_ == Use::kAlone) {
    return absl::FailedPreconditionError(absl::StrCat("a coordinator is running on ", address_.name,
                                                      "; stop all that do, and try again"));
  }
  return absl::UnavailableError(
      absl::StrCat("somebody moves the store in ", address_.name, " and has it for themselves"));
}

absl::StatusOr<PostgresqlDatabase::Session> PostgresqlDatabase::Borrow(bool& fresh) {
  {
    absl::MutexLock lock(&mutex_);
    const int most = use_ == Use::kAlone ? 1 : kConnections;
    const auto possible = [this, most]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return !idle_.empty() || open_ < most;
    };
    if (!mutex_.AwaitWithTimeout(absl::Condition(&possible), kPatience)) {
      return absl::UnavailableError(
          absl::StrCat("all ", most, " connections to ", address_.name, " are busy; try again"));
    }
    fresh = idle_.empty();
    if (!fresh) {
      Session session = std::move(idle_.back());
      idle_.pop_back();
      return session;
    }
    ++open_;
  }
  absl::StatusOr<Session> session = Connect();
  if (!session.ok()) {
    absl::MutexLock lock(&mutex_);
    --open_;
  }
  return session;
}

void PostgresqlDatabase::GiveBack(Session session, bool lost) {
  try {
    if (!lost && PQtransactionStatus(ConnectionOf(*session)) != PQTRANS_IDLE)
      *session << "ROLLBACK";
  } catch (const std::exception&) {
    // Then the connection is not good any more, which shows below.
  }
  const bool good = !lost && PQtransactionStatus(ConnectionOf(*session)) == PQTRANS_IDLE;
  if (!good) session.reset();
  absl::MutexLock lock(&mutex_);
  if (good) {
    idle_.push_back(std::move(session));
  } else {
    --open_;
  }
}

void PostgresqlDatabase::CloseIdle() {
  std::vector<Session> idle;
  absl::MutexLock lock(&mutex_);
  idle.swap(idle_);
  open_ -= static_cast<int>(idle.size());
}

absl::StatusOr<PostgresqlDatabase::Session> PostgresqlDatabase::Begin(Access access) {
  std::string begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
  if (access != Access::kRead) {
    begin = absl::StrCat("BEGIN; ", access == Access::kWriteAtLeisure ? kLeisure : "",
                         "SELECT pg_advisory_xact_lock(", kWriters, ")");
  }
  while (true) {
    bool fresh = false;
    absl::StatusOr<Session> session = Borrow(fresh);
    if (!session.ok()) return session;
    try {
      **session << begin;
      return session;
    } catch (const std::exception& error) {
      const bool connected = IsConnected(**session);
      const bool lost = IsConnectionLost(error, connected);
      const absl::Status status = PostgresqlStatus(error, connected, address_.name);
      GiveBack(*std::move(session), lost);
      if (!lost || fresh) return status;
    }
    // It broke while it was idle, and so did the others probably. Nothing had happened in it.
    CloseIdle();
  }
}

absl::Status PostgresqlDatabase::Run(Access access, Work work) {
  absl::StatusOr<Session> begun = Begin(access);
  if (!begun.ok()) return Report(begun.status());
  Session session = *std::move(begun);
  absl::Status status;
  bool failed = false, committing = false, lost = false;
  try {
    status = work(*session);
    committing = status.ok();
    if (committing) *session << "COMMIT";
  } catch (const std::exception& error) {
    failed = true;
    const bool connected = IsConnected(*session);
    lost = IsConnectionLost(error, connected);
    status = PostgresqlStatus(error, connected, address_.name);
    if (committing && access != Access::kRead && lost) {
      status = absl::UnavailableError(absl::StrCat(
          "the connection to the database ", address_.name,
          " broke while a change was being "
          "committed, which may have been made or not; look before you make it again"));
    }
  }
  GiveBack(std::move(session), lost);
  return failed ? Report(status) : status;
}

absl::Status PostgresqlDatabase::Report(const absl::Status& failure) const {
  Logger("store")->error("{}: {}", absl::StatusCodeToString(failure.code()),
                         std::string(failure.message()));
  if (on_error_ != nullptr) on_error_(failure);
  return failure;
}

const SchemaSteps& PostgresqlDatabase::schema() const { return PostgresqlSchemaSteps(); }

bool PostgresqlDatabase::HasTable(soci::session& session, const std::string& table) const {
  return QueryNumber(session,
                     "SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = "
                     "current_schema() AND tablename = :table",
                     {table}) > 0;
}

std::vector<std::string> PostgresqlDatabase::ListTables(soci::session& session) const {
  return SelectTexts(session,
                     "SELECT CAST(tablename AS TEXT) COLLATE \"C\" AS name FROM "
                     "pg_catalog.pg_tables WHERE schemaname = current_schema() ORDER BY 1",
                     {});
}

std::vector<std::string> PostgresqlDatabase::ListColumns(soci::session& session,
                                                         const std::string& table) const {
  return SelectTexts(session,
                     "SELECT CAST(column_name AS TEXT) COLLATE \"C\" AS name FROM "
                     "information_schema.columns WHERE table_schema = current_schema() AND "
                     "table_name = :table ORDER BY 1",
                     {table});
}

int64_t PostgresqlDatabase::LastNumber(soci::session& session, const std::string& table,
                                       const std::string& column) const {
  const std::string sequence = QueryText(
      session, "SELECT coalesce(pg_get_serial_sequence(:table, :column), '')", {table, column});
  if (sequence.empty()) return 0;
  return QueryNumber(
      session,
      absl::StrCat("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM ", sequence), {});
}

void PostgresqlDatabase::SetLastNumber(soci::session& session, const std::string& table,
                                       const std::string& column, int64_t number) const {
  const std::string sequence = QueryText(
      session, "SELECT coalesce(pg_get_serial_sequence(:table, :column), '')", {table, column});
  if (sequence.empty() || number == 0) return;
  QueryNumber(session, "SELECT setval(CAST(:sequence AS regclass), CAST(:number AS BIGINT))",
              {sequence, number});
}

}  // namespace homeport
