#include "coordinator/store/sqlite_database.h"

#include <fcntl.h>

#include <cerrno>
#include <stdexcept>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/file.h"
#include "base/logging.h"
#include "base/unique_fd.h"
#include "coordinator/store/sql_statement.h"
#include "coordinator/store/sqlite_schema.h"
#include "soci/sqlite3/soci-sqlite3.h"

namespace homeport {
namespace {

constexpr int kBusyTimeoutMilliseconds = 5000;

// SQLite's result code (sqlite.org/rescode.html) as a status.
absl::Status FromResultCode(int code, const std::string& path, absl::string_view detail) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return absl::ResourceExhaustedError(absl::StrCat(
          "the disk that holds ", path, " is full; nothing was changed. Make room and try again"));
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
      return absl::UnavailableError(
          absl::StrCat("the database ", path, " cannot be used right now: ", detail));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::DataLossError(absl::StrCat("the database ", path, " is damaged: ", detail,
                                              ". Restore it from a backup; nothing was changed"));
    case SQLITE_CONSTRAINT:
      return absl::FailedPreconditionError(
          absl::StrCat("this would break a rule of the database: ", detail));
    default:
      return absl::InternalError(absl::StrCat("database ", path, ": ", detail));
  }
}

// Rolls back unless it was committed.
class Transaction {
 public:
  // A write begins as one, so that a transaction that reads first does not fail when it comes to
  // write.
  Transaction(soci::session& session, bool write) : session_(session) {
    session_ << (write ? "BEGIN IMMEDIATE" : "BEGIN");
  }
  ~Transaction() {
    if (!open_) return;
    try {
      session_ << "ROLLBACK";
    } catch (const std::exception&) {
      // After some errors SQLite has rolled back by itself and says that there is nothing to do.
    }
  }
  void Commit() {
    session_ << "COMMIT";
    open_ = false;
  }

 private:
  soci::session& session_;
  bool open_ = true;
};

}  // namespace

SqliteDatabase::SqliteDatabase(std::string path, ErrorObserver on_error)
    : path_(std::move(path)), on_error_(std::move(on_error)) {}

absl::StatusOr<std::unique_ptr<SqliteDatabase>> SqliteDatabase::Open(const std::string& path,
                                                                     ErrorObserver on_error) {
  if (absl::StrContains(path, '"')) {
    return absl::InvalidArgumentError(
        absl::StrCat("the path ", path, " has a quotation mark in it"));
  }
  // SQLite would make it readable to others; the -wal and -shm files take this one's mode.
  const UniqueFd made(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!made.valid()) return ErrnoStatus(errno, absl::StrCat("cannot open ", path));
  auto database = std::unique_ptr<SqliteDatabase>(new SqliteDatabase(path, std::move(on_error)));
  if (absl::Status status = database->Prepare(); !status.ok()) return status;
  return database;
}

absl::Status SqliteDatabase::Prepare() {
  absl::MutexLock lock(&mutex_);
  try {
    session_.open(soci::sqlite3, absl::StrCat("db=\"", path_, "\""));
    session_ << absl::StrCat("PRAGMA busy_timeout = ", kBusyTimeoutMilliseconds);
    std::string verdict;
    session_ << "PRAGMA quick_check(1)", soci::into(verdict);
    if (verdict != "ok") {
      return FromResultCode(SQLITE_CORRUPT, path_, absl::StrReplaceAll(verdict, {{"\n", " "}}));
    }
    std::string mode;
    session_ << "PRAGMA journal_mode = WAL", soci::into(mode);
    if (mode != "wal") {
      return absl::UnavailableError(absl::StrCat("the file system of ", path_,
                                                 " cannot hold a database with a write-ahead log"));
    }
    session_ << "PRAGMA synchronous = FULL";
    session_ << "PRAGMA foreign_keys = ON";
  } catch (const std::exception& error) {
    return Failure(error);
  }
  return absl::OkStatus();
}

absl::Status SqliteDatabase::Run(Access access, Work work) {
  absl::MutexLock lock(&mutex_);
  try {
    Transaction transaction(session_, access != Access::kRead);
    const absl::Status status = work(session_);
    if (status.ok()) transaction.Commit();
    return status;
  } catch (const std::exception& error) {
    return Failure(error);
  }
}

absl::Status SqliteDatabase::CopyInto(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  try {
    session_ << "VACUUM INTO :path", soci::use(path);
  } catch (const std::exception& error) {
    return Failure(error);
  }
  return absl::OkStatus();
}

const SchemaSteps& SqliteDatabase::schema() const { return SqliteSchemaSteps(); }

bool SqliteDatabase::HasTable(soci::session& session, const std::string& table) const {
  return QueryNumber(session,
                     "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = :name",
                     {table}) > 0;
}

std::vector<std::string> SqliteDatabase::ListTables(soci::session& session) const {
  return SelectTexts(session,
                     "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE "
                     "'sqlite%' ORDER BY name",
                     {});
}

std::vector<std::string> SqliteDatabase::ListColumns(soci::session& session,
                                                     const std::string& table) const {
  return SelectTexts(session, "SELECT name FROM pragma_table_info(:table) ORDER BY name", {table});
}

int64_t SqliteDatabase::LastNumber(soci::session& session, const std::string& table,
                                   const std::string& /*column*/) const {
  return QueryNumber(session, "SELECT seq FROM sqlite_sequence WHERE name = :table", {table});
}

void SqliteDatabase::SetLastNumber(soci::session& session, const std::string& table,
                                   const std::string& /*column*/, int64_t number) const {
  Execute(session, "DELETE FROM sqlite_sequence WHERE name = :table", {table});
  Execute(session, "INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :number)",
          {table, number});
}

absl::Status SqliteDatabase::Failure(const std::exception& error) {
  if (dynamic_cast<const std::invalid_argument*>(&error) != nullptr) {
    return absl::InvalidArgumentError(error.what());
  }
  int code = SQLITE_ERROR;
  if (const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error)) {
    code = sqlite->result();
  }
  // what() would have the statement with its values in it, sealed keys and all.
  const auto* soci_error = dynamic_cast<const soci::soci_error*>(&error);
  std::string detail = soci_error != nullptr ? soci_error->get_error_message() : error.what();
  // And the name of SOCI's function says nothing to anybody.
  if (const size_t colon = detail.find(": "); absl::StartsWith(detail, "sqlite3_statement")) {
    detail.erase(0, colon == std::string::npos ? 0 : colon + 2);
  }
  // SOCI reports some failures without SQLite's code; the connection remembers it.
  const auto* backend = static_cast<soci::sqlite3_session_backend*>(session_.get_backend());
  if ((code == SQLITE_ERROR || code == SQLITE_OK) && backend != nullptr &&
      backend->conn_ != nullptr) {
    const int last = sqlite_api::sqlite3_errcode(backend->conn_);
    if (last != SQLITE_OK && last != SQLITE_ROW && last != SQLITE_DONE) code = last;
  }
  absl::Status status = FromResultCode(code, path_, detail);
  Logger("store")->error("{}: {}", absl::StatusCodeToString(status.code()), detail);
  if (on_error_ != nullptr) on_error_(status);
  return status;
}

}  // namespace homeport
