#include "coordinator/store/sql_statement.h"

#include <stdexcept>

namespace homeport {
namespace {

void Bind(soci::statement& statement, const SqlValues& values) {
  for (const SqlValue& value : values) {
    if (!value.is_text) {
      statement.exchange(soci::use(value.number));
      continue;
    }
    if (value.text.find('\0') != std::string::npos) {
      throw std::invalid_argument("a text has a zero byte in it");
    }
    statement.exchange(soci::use(value.text));
  }
}

// One time, so that a database with a server needs one round trip and not three.
void Prepare(soci::statement& statement, const std::string& sql) {
  statement.alloc();
  statement.prepare(sql, soci::details::st_one_time_query);
  statement.define_and_bind();
}

}  // namespace

void Query(soci::session& session, const std::string& sql, const SqlValues& values,
           const std::function<void(soci::statement&)>& add_columns,
           const std::function<void()>& on_row) {
  soci::statement statement(session);
  add_columns(statement);
  Bind(statement, values);
  Prepare(statement, sql);
  statement.execute();
  while (statement.fetch()) on_row();
}

long long Execute(soci::session& session, const std::string& sql, const SqlValues& values) {
  soci::statement statement(session);
  Bind(statement, values);
  Prepare(statement, sql);
  statement.execute(true);
  return statement.get_affected_rows();
}

long long QueryNumber(soci::session& session, const std::string& sql, const SqlValues& values) {
  const std::vector<int64_t> numbers = SelectNumbers(session, sql, values);
  return numbers.empty() ? 0 : numbers.back();
}

std::string QueryText(soci::session& session, const std::string& sql, const SqlValues& values) {
  const std::vector<std::string> texts = SelectTexts(session, sql, values);
  return texts.empty() ? "" : texts.back();
}

std::vector<int64_t> SelectNumbers(soci::session& session, const std::string& sql,
                                   const SqlValues& values) {
  std::vector<int64_t> numbers;
  long long number = 0;
  Query(
      session, sql, values, [&](soci::statement& st) { st.exchange(soci::into(number)); },
      [&] { numbers.push_back(number); });
  return numbers;
}

std::vector<std::string> SelectTexts(soci::session& session, const std::string& sql,
                                     const SqlValues& values) {
  std::vector<std::string> texts;
  std::string text;
  Query(
      session, sql, values, [&](soci::statement& st) { st.exchange(soci::into(text)); },
      [&] { texts.push_back(text); });
  return texts;
}

}  // namespace homeport
