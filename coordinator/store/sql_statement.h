// Statements with values, the same way for every database.
//
// The functions run inside SqlDatabase::Read or Write and let exceptions through to it. Texts hold
// no zero byte: not every database could store one, and what does is refused.
#ifndef HOMEPORT_COORDINATOR_STORE_SQL_STATEMENT_H_
#define HOMEPORT_COORDINATOR_STORE_SQL_STATEMENT_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "soci/soci.h"

namespace homeport {

// A value for a placeholder, `:name` in the order of appearance.
struct SqlValue {
  SqlValue(absl::string_view value) : text(value), is_text(true) {}   // NOLINT: on purpose
  SqlValue(const std::string& value) : text(value), is_text(true) {}  // NOLINT
  SqlValue(const char* value) : text(value), is_text(true) {}         // NOLINT
  SqlValue(int64_t value) : number(value) {}                          // NOLINT
  SqlValue(int value) : number(value) {}                              // NOLINT

  std::string text;
  long long number = 0;  // SOCI knows this type
  bool is_text = false;
};
using SqlValues = std::vector<SqlValue>;

// Runs a query; `add_columns` names where columns go, `on_row` hears of each row.
void Query(soci::session& session, const std::string& sql, const SqlValues& values,
           const std::function<void(soci::statement&)>& add_columns,
           const std::function<void()>& on_row);
// Runs a statement that returns nothing; the answer is how many rows it changed.
long long Execute(soci::session& session, const std::string& sql, const SqlValues& values);
// The one number that a query returns; 0 if it returns no row.
long long QueryNumber(soci::session& session, const std::string& sql, const SqlValues& values);
// The text that a query returns; empty if it returns no row.
std::string QueryText(soci::session& session, const std::string& sql, const SqlValues& values);
// What a query returns, one in a row.
std::vector<int64_t> SelectNumbers(soci::session& session, const std::string& sql,
                                   const SqlValues& values);
std::vector<std::string> SelectTexts(soci::session& session, const std::string& sql,
                                     const SqlValues& values);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_STORE_SQL_STATEMENT_H_
