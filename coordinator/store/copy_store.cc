#include "coordinator/store/copy_store.h"

#include <sodium.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "coordinator/store/sql_audit.h"
#include "coordinator/store/sql_statement.h"

namespace homeport {
namespace {

constexpr size_t kRowsAtATime = 200;

struct Table {
  const char* name;
  const char* key;
  bool number;  // the key is one, and rows are read in parts by it
  bool counts;  // and the database gives the next one
};

// What is referred to comes before what refers to it.
constexpr Table kTables[] = {
    {"users", "id", true, true},           {"own_keys", "id", true, true},
    {"providers", "id", true, true},       {"workspaces", "id", true, true},
    {"credentials", "number", true, true}, {"host_keys", "purpose", false, false},
    {"milestones", "name", false, false},  {"settings", "name", false, false},
    {"set_up_code", "id", false, false},   {"audit", "id", true, true},
    {"audit_chain", "one", true, false},
};

// What each database has for itself, and what replicas say of the moment (coordinator/replicas).
constexpr const char* kNotCopied[] = {"schema_version", "replica_messages", "live_replicas",
                                      "live_agents",    "live_sessions",    "live_signatures"};

using Row = std::vector<std::optional<std::string>>;

class Digest {
 public:
  Digest() { crypto_hash_sha256_init(&state_); }

  void Add(const Row& row) {
    for (const std::optional<std::string>& cell : row) {
      Add(cell.has_value() ? absl::StrCat(cell->size(), ":", *cell) : "null:");
    }
    ++rows_;
  }
  CopiedTable Finish(const char* table) {
    std::string hash(crypto_hash_sha256_BYTES, '\0');
    crypto_hash_sha256_final(&state_, reinterpret_cast<unsigned char*>(hash.data()));
    return {table, rows_, absl::BytesToHexString(hash)};
  }

 private:
  void Add(const std::string& text) {
    crypto_hash_sha256_update(&state_, reinterpret_cast<const unsigned char*>(text.data()),
                              text.size());
  }

  crypto_hash_sha256_state state_ = {};
  int64_t rows_ = 0;
};

// Rows as texts: all columns are texts or whole numbers.
std::vector<Row> SelectRows(soci::session& session, const std::vector<std::string>& columns,
                            const std::string& rest, const SqlValues& values) {
  std::vector<Row> rows;
  std::vector<std::string> texts(columns.size());
  std::vector<soci::indicator> indicators(columns.size(), soci::i_ok);
  Query(
      session,
      absl::StrCat("SELECT ",
                   absl::StrJoin(columns, ", ",
                                 [](std::string* out, const std::string& column) {
                                   absl::StrAppend(out, "CAST(", column, " AS TEXT)");
                                 }),
                   " FROM ", rest),
      values,
      [&](soci::statement& st) {
        for (size_t i = 0; i < texts.size(); ++i) st.exchange(soci::into(texts[i], indicators[i]));
      },
      [&] {
        Row row(texts.size());
        for (size_t i = 0; i < texts.size(); ++i) {
          if (indicators[i] == soci::i_ok) row[i] = texts[i];
        }
        rows.push_back(std::move(row));
      });
  return rows;
}

// All rows of a table in the order of its key, some at a time.
void ForEachRows(soci::session& session, const Table& table,
                 const std::vector<std::string>& columns,
                 const std::function<void(const std::vector<Row>&)>& use) {
  // With its table: by itself it would be the text that SelectRows makes of it.
  const std::string key_column = absl::StrCat(table.name, ".", table.key);
  if (!table.number) {
    use(SelectRows(session, columns, absl::StrCat(table.name, " ORDER BY ", key_column), {}));
    return;
  }
  const size_t key = static_cast<size_t>(
      std::distance(columns.begin(), std::find(columns.begin(), columns.end(), table.key)));
  const std::string rest = absl::StrCat(table.name, " WHERE ", key_column, " > :last ORDER BY ",
                                        key_column, " LIMIT ", kRowsAtATime);
  int64_t last = -1;
  std::vector<Row> rows;
  do {
    rows = SelectRows(session, columns, rest, {last});
    if (!rows.empty()) last = std::stoll(rows.back().at(key).value());
    use(rows);
  } while (!rows.empty());
}

void InsertRows(soci::session& session, const Table& table, const std::vector<std::string>& columns,
                absl::Span<const Row> rows) {
  if (rows.empty()) return;
  std::vector<std::string> lines;
  SqlValues values;
  for (const Row& row : rows) {
    std::vector<std::string> cells;
    for (const std::optional<std::string>& cell : row) {
      cells.push_back(cell.has_value() ? absl::StrCat(":v", values.size()) : "NULL");
      if (cell.has_value()) values.emplace_back(*cell);
    }
    lines.push_back(absl::StrCat("(", absl::StrJoin(cells, ", "), ")"));
  }
  Execute(session,
          absl::StrCat("INSERT INTO ", table.name, " (", absl::StrJoin(columns, ", "), ") VALUES ",
                       absl::StrJoin(lines, ", ")),
          values);
}

// What there is in both, and nothing that we do not know.
absl::Status CheckTables(SqlDatabase& database, soci::session& session) {
  for (const std::string& name : database.ListTables(session)) {
    const auto called = [&name](const auto& other) { return name == other; };
    const bool known = std::any_of(std::begin(kTables), std::end(kTables),
                                   [&](const Table& table) { return called(table.name); }) ||
                       std::any_of(std::begin(kNotCopied), std::end(kNotCopied), called);
    if (!known) {
      return absl::FailedPreconditionError(absl::StrCat(database.name(), " has a table \"", name,
                                                        "\" that this program does not know"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckEmpty(SqlDatabase& database, soci::session& session) {
  for (const Table& table : kTables) {
    if (QueryNumber(session, absl::StrCat("SELECT count(*) FROM ", table.name), {}) > 0) {
      return absl::FailedPreconditionError(absl::StrCat(database.name(),
                                                        " is not empty: there is something in ",
                                                        table.name, "; name an empty database"));
    }
  }
  return absl::OkStatus();
}

class Copy {
 public:
  Copy(SqlDatabase& from, soci::session& source, SqlDatabase& to, soci::session& target)
      : from_(from), source_(source), to_(to), target_(target) {}

  absl::StatusOr<CopiedTable> Run(const Table& table) {
    const std::vector<std::string> columns = from_.ListColumns(source_, table.name);
    if (columns != to_.ListColumns(target_, table.name)) {
      return absl::FailedPreconditionError(
          absl::StrCat("the table ", table.name, " has other columns in ", to_.name()));
    }
    Digest there;
    ForEachRows(source_, table, columns, [&](const std::vector<Row>& rows) {
      for (const Row& row : rows) there.Add(row);
      // In parts again: a table that is not read in parts may be any size.
      for (size_t i = 0; i < rows.size(); i += kRowsAtATime) {
        InsertRows(target_, table, columns, absl::MakeConstSpan(rows).subspan(i, kRowsAtATime));
      }
    });
    if (table.counts) CountOn(table);
    Digest here;
    ForEachRows(target_, table, columns, [&](const std::vector<Row>& rows) {
      for (const Row& row : rows) here.Add(row);
    });
    const CopiedTable wanted = there.Finish(table.name);
    CopiedTable copied = here.Finish(table.name);
    if (copied.rows == wanted.rows && copied.digest == wanted.digest) return copied;
    return absl::DataLossError(absl::StrCat("the table ", table.name,
                                            " did not come whole: ", wanted.rows, " rows in ",
                                            from_.name(), ", ", copied.rows, " in ", to_.name()));
  }

 private:
  // No number that was ever given comes back, not even one of a row that is gone.
  void CountOn(const Table& table) {
    const int64_t highest = QueryNumber(
        target_, absl::StrCat("SELECT coalesce(max(", table.key, "), 0) FROM ", table.name), {});
    to_.SetLastNumber(target_, table.name, table.key,
                      std::max(highest, from_.LastNumber(source_, table.name, table.key)));
  }

  SqlDatabase& from_;
  soci::session& source_;
  SqlDatabase& to_;
  soci::session& target_;
};

absl::StatusOr<CopyReport> CopyTables(SqlDatabase& from, soci::session& source, SqlDatabase& to,
                                      soci::session& target, const std::string& audit_key) {
  absl::Status status = CheckTables(from, source);
  if (status.ok()) status = CheckTables(to, target);
  if (status.ok()) status = CheckEmpty(to, target);
  if (!status.ok()) return status;
  CopyReport report;
  Copy copy(from, source, to, target);
  for (const Table& table : kTables) {
    absl::StatusOr<CopiedTable> copied = copy.Run(table);
    if (!copied.ok()) return copied.status();
    report.tables.push_back(*std::move(copied));
  }
  report.audit = VerifyAuditLines(target, audit_key);
  if (!report.audit.problem.empty() &&
      VerifyAuditLines(source, audit_key).problem != report.audit.problem) {
    return absl::DataLossError(
        absl::StrCat("the audit did not come whole: ", report.audit.problem));
  }
  return report;
}

}  // namespace

absl::StatusOr<CopyReport> CopyStore(SqlDatabase& from, SqlDatabase& to,
                                     const std::string& audit_key) {
  absl::StatusOr<CopyReport> report = absl::UnknownError("nothing was done");
  // At leisure for the source too: it waits while the target is written and read again.
  const absl::Status status = from.WriteAtLeisure([&](soci::session& source) {
    report = to.WriteAtLeisure(
        [&](soci::session& target) { return CopyTables(from, source, to, target, audit_key); });
    return absl::OkStatus();
  });
  // What is committed in the target is there, however the transaction of the source ended.
  return report.ok() || status.ok() ? report : status;
}

}  // namespace homeport
