#include "coordinator/store/test_database.h"

#include <cstdlib>
#include <iostream>

namespace homeport {

PostgresqlServer* TestServer() {
  static const absl::StatusOr<std::unique_ptr<PostgresqlServer>> server = PostgresqlServer::Start();
  if (server.ok()) return server->get();
  std::cerr << server.status() << "\n";
  EXPECT_TRUE(absl::IsNotFound(server.status())) << server.status();
  return nullptr;
}

std::string NewDatabase(DatabaseKind kind) {
  if (kind == DatabaseKind::kSqlite) {
    std::string folder = ::testing::TempDir() + "/storeXXXXXX";
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    return "sqlite:" + folder + "/homeport.db";
  }
  if (TestServer() == nullptr) return "";
  const absl::StatusOr<std::string> url = TestServer()->CreateDatabase();
  EXPECT_TRUE(url.ok()) << url.status();
  return url.ok() ? *url : "";
}

std::string DatabaseName(const ::testing::TestParamInfo<DatabaseKind>& info) {
  return info.param == DatabaseKind::kSqlite ? "Sqlite" : "Postgresql";
}

void DatabaseTest::SetUp() {
  location_ = NewDatabase(GetParam());
  if (location_.empty()) GTEST_SKIP() << "there is no such database on this machine";
  Reopen();
}

void DatabaseTest::Reopen() {
  store_.reset();
  absl::StatusOr<std::unique_ptr<SqlStore>> store = OpenStore(location_);
  ASSERT_TRUE(store.ok()) << store.status();
  store_ = *std::move(store);
}

void DatabaseTest::Sql(const std::vector<std::string>& statements) {
  const auto database = *OpenDatabase(location_, nullptr);
  const absl::Status status = database->Write([&](soci::session& session) {
    for (const std::string& statement : statements) session << statement;
    return absl::OkStatus();
  });
  ASSERT_TRUE(status.ok()) << status;
}

void DatabaseTest::DropAuditTriggers() {
  const std::string end = GetParam() == DatabaseKind::kSqlite ? "" : " ON audit";
  Sql({"DROP TRIGGER audit_is_not_changed" + end, "DROP TRIGGER audit_is_not_deleted" + end});
}

void DatabaseTest::RefuseAuditLines() {
  if (GetParam() == DatabaseKind::kSqlite) {
    Sql({"CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no'); END"});
  } else {
    Sql(
        {"CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no';"
         " END $$",
         "CREATE TRIGGER no BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION no()"});
  }
}

}  // namespace homeport
