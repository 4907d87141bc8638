// Migrations: from one version to the next, with others at it, and with two versions of the
// program.
#include "coordinator/store/schema.h"

#include <string>
#include <thread>
#include <vector>

#include "coordinator/store/postgresql_schema.h"
#include "coordinator/store/sql_statement.h"
#include "coordinator/store/sqlite_schema.h"
#include "coordinator/store/test_database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;

const AuditRecord kNote{0, absl::FromUnixSeconds(1700000000), "users/root", "test", "", "", "{}"};

class SchemaTest : public DatabaseTest {
 protected:
  void SetUp() override {
    location_ = NewDatabase(GetParam());
    if (location_.empty()) GTEST_SKIP() << "there is no such database on this machine";
  }
  std::unique_ptr<SqlDatabase> Database() { return *OpenDatabase(location_, nullptr); }
  static int64_t Number(SqlDatabase& database, const std::string& query) {
    return *database.Read([&](soci::session& session) {
      return absl::StatusOr<int64_t>(QueryNumber(session, query, {}));
    });
  }
  // Today's steps and one more of the next program.
  static SchemaSteps Next(SqlDatabase& database, int compatible_from) {
    SchemaSteps steps = database.schema();
    const int version = steps.back().version + 1;
    steps.push_back({version,
                     compatible_from == 0 ? version : compatible_from,
                     {"ALTER TABLE providers ADD COLUMN shoe_size INTEGER NOT NULL DEFAULT 42"}});
    return steps;
  }
};

TEST_P(SchemaTest, GoesForwardAndKeepsWhatIsThere) {
  Reopen();
  ASSERT_TRUE(store_->CreateProvider({0, "local", "", {}}, kNote).ok());
  store_.reset();
  const auto database = Database();
  const int now = database->schema().back().version;
  const SchemaSteps steps = Next(*database, now);
  SchemaSteps broken = steps;
  broken.back().statements.push_back("ALTER TABLE nowhere ADD COLUMN x INTEGER");
  EXPECT_FALSE(Migrate(*database, broken).ok());
  EXPECT_EQ(ReadSchemaState(*database)->version, now) << "a step that fails leaves nothing";
  ASSERT_TRUE(Migrate(*database, steps).ok());
  EXPECT_EQ(ReadSchemaState(*database)->version, now + 1);
  EXPECT_EQ(ReadSchemaState(*database)->compatible_from, now);
  ASSERT_TRUE(Migrate(*database, steps).ok()) << "a second time is nothing";
  EXPECT_EQ(Number(*database, "SELECT shoe_size FROM providers WHERE name = 'local'"), 42);
}

TEST_P(SchemaTest, AnOlderProgramWorksWithACompatibleSchema) {
  {
    const auto database = Database();
    ASSERT_TRUE(Migrate(*database, Next(*database, database->schema().back().version)).ok());
  }
  Reopen();
  ASSERT_TRUE(store_->CreateProvider({0, "local", "", {}}, kNote).ok());
  EXPECT_EQ(Number(store_->database(), "SELECT shoe_size FROM providers"), 42);
  EXPECT_EQ(ReadSchemaState(store_->database())->version,
            store_->database().schema().back().version + 1);
}

TEST_P(SchemaTest, AnOlderProgramLeavesAnotherSchemaAlone) {
  {
    const auto database = Database();
    ASSERT_TRUE(Migrate(*database, Next(*database, 0)).ok());
  }
  const absl::Status newer = OpenStore(location_).status();
  EXPECT_TRUE(absl::IsDataLoss(newer)) << newer;
  EXPECT_THAT(std::string(newer.message()), HasSubstr("newer"));
}

TEST_P(SchemaTest, SeveralMayMigrateAtOnce) {
  std::vector<absl::Status> results(4);
  std::vector<std::thread> threads;
  for (absl::Status& result : results) {
    threads.emplace_back([this, &result] { result = OpenStore(location_).status(); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const absl::Status& result : results) EXPECT_TRUE(result.ok()) << result;
  EXPECT_EQ(Number(*Database(), "SELECT count(*) - count(DISTINCT version) FROM schema_version"),
            0);
}

INSTANTIATE_TEST_SUITE_P(In, SchemaTest, EveryDatabase(), DatabaseName);

TEST(SchemasTest, VersionsMeanTheSameEverywhere) {
  const SchemaSteps& sqlite = SqliteSchemaSteps();
  const SchemaSteps& postgresql = PostgresqlSchemaSteps();
  ASSERT_EQ(sqlite.back().version, postgresql.back().version);
  for (size_t i = 1; i <= postgresql.size(); ++i) {
    EXPECT_EQ(sqlite[sqlite.size() - i].version, postgresql[postgresql.size() - i].version);
    EXPECT_EQ(sqlite[sqlite.size() - i].compatible_from,
              postgresql[postgresql.size() - i].compatible_from);
  }
}

TEST(SchemasTest, TablesHaveTheSameColumnsEverywhere) {
  const std::string location = NewDatabase(DatabaseKind::kPostgresql);
  if (location.empty()) GTEST_SKIP() << "there is no PostgreSQL on this machine";
  const auto columns = [](const std::string& place) {
    std::vector<std::string> all;
    const auto store = *OpenStore(place);
    SqlDatabase& database = store->database();
    (void)database.Read([&](soci::session& session) {
      for (const std::string& table : database.ListTables(session)) {
        for (const std::string& column : database.ListColumns(session, table)) {
          all.push_back(table + "." + column);
        }
      }
      return absl::OkStatus();
    });
    return all;
  };
  const std::vector<std::string> sqlite = columns(NewDatabase(DatabaseKind::kSqlite));
  EXPECT_GT(sqlite.size(), 80u);
  EXPECT_EQ(columns(location), sqlite);
}

}  // namespace
}  // namespace homeport
