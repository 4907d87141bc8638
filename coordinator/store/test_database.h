// A database for a test, of the kind that the test's parameter names:
//
//   class MyTest : public DatabaseTest { … void SetUp() override { DatabaseTest::SetUp(); … } };
//   TEST_P(MyTest, …) { … store_ …}
//   INSTANTIATE_TEST_SUITE_P(In, MyTest, EveryDatabase(), DatabaseName);
//
// Tests of PostgreSQL share one server of the test's own, with a fresh database each. They are
// skipped where it is not installed.
//
// Threads: the test's main thread.
#ifndef HOMEPORT_COORDINATOR_STORE_TEST_DATABASE_H_
#define HOMEPORT_COORDINATOR_STORE_TEST_DATABASE_H_

#include <memory>
#include <string>
#include <vector>

#include "coordinator/store/open_store.h"
#include "gtest/gtest.h"
#include "tests/postgresql/postgresql_server.h"

namespace homeport {

enum class DatabaseKind { kSqlite, kPostgresql };

// The server of this test program; null, with a reason on standard error, if there can be none.
PostgresqlServer* TestServer();

// The location of a new, empty database; empty if there can be none of that kind.
std::string NewDatabase(DatabaseKind kind);

class DatabaseTest : public ::testing::TestWithParam<DatabaseKind> {
 protected:
  // Makes the database and opens the store.
  void SetUp() override;
  // Closes the store and opens it again.
  void Reopen();

  // Statements in one transaction, behind the store's back.
  void Sql(const std::vector<std::string>& statements);
  // What somebody who owns the database can do: change the audit.
  void DropAuditTriggers();
  // Makes every line of the audit fail.
  void RefuseAuditLines();

  std::string location_;
  std::unique_ptr<SqlStore> store_;
};

inline auto EveryDatabase() {
  return ::testing::Values(DatabaseKind::kSqlite, DatabaseKind::kPostgresql);
}
std::string DatabaseName(const ::testing::TestParamInfo<DatabaseKind>& info);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_STORE_TEST_DATABASE_H_
