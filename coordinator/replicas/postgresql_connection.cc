#include "coordinator/replicas/postgresql_connection.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "libpq-fe.h"

namespace homeport {
namespace {

// A server that is gone without a word is noticed after 10 s.
constexpr const char* kKeywords[] = {"connect_timeout",
                                     "keepalives_idle",
                                     "keepalives_interval",
                                     "keepalives_count",
                                     "tcp_user_timeout",
                                     "application_name",
                                     "dbname",
                                     nullptr};

using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;
using Notification = std::unique_ptr<PGnotify, decltype(&PQfreemem)>;

// One line of the server's.
std::string OneLine(const char* message) {
  const std::string text(absl::StripAsciiWhitespace(message == nullptr ? "" : message));
  return text.substr(0, text.find('\n'));
}

// Whether it is the connection that failed, or the whole server (PostgreSQL, appendix A: 08
// connection exception, 53 insufficient resources, 57 operator intervention). What libpq itself
// reports has no code.
bool IsAway(const PGresult* result) {
  const char* const state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  if (state == nullptr) return true;
  const absl::string_view kind = absl::string_view(state).substr(0, 2);
  return kind == "08" || kind == "53" || kind == "57";
}

}  // namespace

void PostgresqlConnection::Closer::operator()(pg_conn* connection) const { PQfinish(connection); }

PostgresqlConnection::~PostgresqlConnection() = default;

absl::StatusOr<std::unique_ptr<PostgresqlConnection>> PostgresqlConnection::Open(
    const std::string& url) {
  // What the URL says comes last and wins.
  const char* const values[] = {"5", "5", "2", "3", "10000", "homeport", url.c_str(), nullptr};
  auto connection = std::unique_ptr<PostgresqlConnection>(
      new PostgresqlConnection(PQconnectdbParams(kKeywords, values, 1)));
  if (PQstatus(connection->connection_.get()) != CONNECTION_OK) return connection->Failure();
  const absl::Status status = connection->Execute(
      "SET client_min_messages = warning; SET synchronous_commit = off; SET statement_timeout = "
      "'5s'; SET lock_timeout = '4s'; "
      "SET idle_in_transaction_session_timeout = '10s'");
  if (!status.ok()) return status;
  return connection;
}

absl::Status PostgresqlConnection::Failure() const {
  return absl::UnavailableError(absl::StrCat("PostgreSQL cannot be used right now: ",
                                             OneLine(PQerrorMessage(connection_.get()))));
}

absl::StatusOr<PostgresqlConnection::Rows> PostgresqlConnection::Take(pg_result* taken) const {
  const Result result(taken, PQclear);
  const ExecStatusType type = PQresultStatus(result.get());
  if (type != PGRES_TUPLES_OK && type != PGRES_COMMAND_OK && type != PGRES_EMPTY_QUERY) {
    if (PQstatus(connection_.get()) != CONNECTION_OK || IsAway(result.get())) return Failure();
    return absl::InternalError(absl::StrCat("PostgreSQL refused a statement: ",
                                            OneLine(PQresultErrorMessage(result.get()))));
  }
  Rows rows(static_cast<size_t>(PQntuples(result.get())));
  for (size_t i = 0; i < rows.size(); ++i) {
    const int row = static_cast<int>(i);
    for (int column = 0; column < PQnfields(result.get()); ++column) {
      rows[i].emplace_back(PQgetvalue(result.get(), row, column),
                           static_cast<size_t>(PQgetlength(result.get(), row, column)));
    }
  }
  return rows;
}

absl::StatusOr<PostgresqlConnection::Rows> PostgresqlConnection::Query(
    const std::string& sql, const std::vector<std::string>& parameters) {
  std::vector<const char*> values;
  values.reserve(parameters.size());
  for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
  return Take(PQexecParams(connection_.get(), sql.c_str(), static_cast<int>(values.size()), nullptr,
                           values.data(), nullptr, nullptr, 0));
}

absl::Status PostgresqlConnection::Execute(const std::string& sql) {
  return Take(PQexec(connection_.get(), sql.c_str())).status();
}

int PostgresqlConnection::socket() const { return PQsocket(connection_.get()); }

absl::Status PostgresqlConnection::ConsumeInput() {
  return PQconsumeInput(connection_.get()) == 1 ? absl::OkStatus() : Failure();
}

std::optional<std::string> PostgresqlConnection::NextNotification() {
  const Notification notification(PQnotifies(connection_.get()), PQfreemem);
  if (notification == nullptr) return std::nullopt;
  return std::string(notification->extra);
}

std::string PostgresqlConnection::Bytes(const std::string& bytes) {
  return absl::StrCat("\\x", absl::BytesToHexString(bytes));
}

std::string PostgresqlConnection::FromBytes(const std::string& column) {
  absl::string_view hex = column;
  if (!absl::ConsumePrefix(&hex, "\\x")) return "";
  return absl::HexStringToBytes(hex);
}

std::string PostgresqlConnection::Numbers(const std::vector<int64_t>& numbers) {
  return absl::StrCat("{", absl::StrJoin(numbers, ","), "}");
}

std::string PostgresqlConnection::Texts(const std::vector<std::string>& texts) {
  const auto quote = [](std::string* out, const std::string& text) {
    out->push_back('"');
    for (const char c : text) {
      if (c == '"' || c == '\\') out->push_back('\\');
      out->push_back(c);
    }
    out->push_back('"');
  };
  return absl::StrCat("{", absl::StrJoin(texts, ",", quote), "}");
}

}  // namespace homeport
