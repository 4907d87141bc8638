// What a server in between brings with it: several at once, broken connections, secrets in URLs.
#include "coordinator/store/postgresql_database.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "coordinator/store/postgresql_address.h"
#include "coordinator/store/sql_statement.h"
#include "coordinator/store/test_database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Use = PostgresqlDatabase::Use;

const AuditRecord kNote{0, absl::FromUnixSeconds(1700000000), "users/root", "test", "", "", "{}"};

class PostgresqlDatabaseTest : public ::testing::Test {
 protected:
  void SetUp() override {
    url_ = NewDatabase(DatabaseKind::kPostgresql);
    if (url_.empty()) GTEST_SKIP() << "there is no PostgreSQL on this machine";
    database_ = Open();
  }
  std::unique_ptr<PostgresqlDatabase> Open() {
    auto database = PostgresqlDatabase::Open(url_, Use::kTogether, nullptr);
    EXPECT_TRUE(database.ok()) << database.status();
    return *std::move(database);
  }
  static absl::Status TryToRead(SqlDatabase& database) {
    return database.Read([](soci::session& session) {
      QueryNumber(session, "SELECT 1", {});
      return absl::OkStatus();
    });
  }
  // Ends all connections to the database, as an administrator does.
  void BreakConnections() {
    const absl::StatusOr<std::string> broken = TestServer()->Execute(
        url_,
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = "
        "current_database() AND pid <> pg_backend_pid()");
    ASSERT_TRUE(broken.ok()) << broken.status();
    ASSERT_NE(*broken, "0\n");
  }

  std::string url_;
  std::unique_ptr<PostgresqlDatabase> database_;
};

TEST(PostgresqlAddressTest, SecretsStayInside) {
  const auto address = ParsePostgresqlUrl("postgresql://ann:hunter2@db.example:5433/homeport");
  ASSERT_TRUE(address.ok()) << address.status();
  EXPECT_EQ(address->name, "postgresql://db.example:5433/homeport");
  EXPECT_THAT(address->connection, HasSubstr("password='hunter2'"));
  EXPECT_THAT(address->connection, HasSubstr("connect_timeout='5'"));
  EXPECT_THAT(ParsePostgresqlUrl("postgresql://db/x?connect_timeout=3")->connection,
              HasSubstr("connect_timeout='3'"));
  EXPECT_THAT(ParsePostgresqlUrl("postgres://a,b/x")->connection, HasSubstr("read-write"));
  EXPECT_THAT(ParsePostgresqlUrl("postgresql://a%27%5C:p%27@h/d")->connection,
              HasSubstr("user='a\\'\\\\' password='p\\''"));
  for (const char* url :
       {"postgresql://ann:hunter2@db/x?nonsense=1", "postgresql://u:hunter2@[::1/x",
        "mysql://u:hunter2@db/x", "host=db password=hunter2", ""}) {
    const absl::Status bad = ParsePostgresqlUrl(url).status();
    EXPECT_TRUE(absl::IsInvalidArgument(bad)) << url << ": " << bad;
    EXPECT_THAT(std::string(bad.message()), Not(HasSubstr("hunter2")));
  }
}

TEST_F(PostgresqlDatabaseTest, NobodyThereIsUnavailable) {
  const absl::Status gone =
      PostgresqlDatabase::Open("postgresql://ann:hunter2@127.0.0.1:1/homeport", Use::kTogether,
                               nullptr)
          .status();
  EXPECT_TRUE(absl::IsUnavailable(gone)) << gone;
  EXPECT_THAT(std::string(gone.message()), HasSubstr("postgresql://127.0.0.1:1/homeport"));
  EXPECT_THAT(std::string(gone.message()), Not(HasSubstr("hunter2")));
}

// The rules that look first and change then, with two coordinators at it.
TEST_F(PostgresqlDatabaseTest, WritersTakeTurns) {
  const std::vector<std::shared_ptr<SqlStore>> stores = {*OpenStore(url_), *OpenStore(url_)};
  for (const auto& store : stores) ASSERT_TRUE(store->SetAuditKey("key").ok());
  constexpr int kThreads = 12, kRounds = 10;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&stores, i] {
      SqlStore& store = *stores[static_cast<size_t>(i % 2)];
      for (int round = 0; round < kRounds; ++round) {
        EXPECT_TRUE(store.AppendAudit(kNote).ok());
        EXPECT_TRUE(store.ListAudit({}, 5).ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const AuditVerification verified = *stores[0]->VerifyAudit();
  EXPECT_EQ(verified.problem, "");
  EXPECT_EQ(verified.entries, kThreads * kRounds);
}

TEST_F(PostgresqlDatabaseTest, TwoDoNotTakeTheLastSiteManagerAway) {
  const std::vector<std::shared_ptr<SqlStore>> stores = {*OpenStore(url_), *OpenStore(url_)};
  const std::vector<std::string> names = {"ann", "bob"};
  for (const std::string& name : names) {
    NewUser user;
    user.name = name;
    user.site_manager = true;
    user.key = {"key of " + name, "sealed"};
    user.token = MintCredential(CredentialKind::kUser).hashed;
    ASSERT_TRUE(stores[0]->CreateUser(user, kNote).ok());
  }
  for (int round = 0; round < 20; ++round) {
    std::vector<std::thread> threads;
    std::vector<absl::Status> results(2);
    for (size_t i = 0; i < 2; ++i) {
      threads.emplace_back([&, i] {
        UserChange demote;
        demote.site_manager = false;
        results[i] = stores[i]->UpdateUser(names[i], demote, kNote).status();
      });
    }
    for (std::thread& thread : threads) thread.join();
    ASSERT_NE(results[0].ok(), results[1].ok()) << results[0] << results[1];
    ASSERT_TRUE(absl::IsFailedPrecondition(results[0].ok() ? results[1] : results[0]));
    UserChange promote;
    promote.site_manager = true;
    for (const std::string& name : names) {
      ASSERT_TRUE(stores[0]->UpdateUser(name, promote, kNote).ok());
    }
  }
}

TEST_F(PostgresqlDatabaseTest, ReadersDoNotWaitAndWritersNotForEver) {
  const auto other = Open();
  absl::Notification writing, enough;
  std::thread writer([&] {
    EXPECT_TRUE(database_
                    ->Write([&](soci::session& /*session*/) {
                      writing.Notify();
                      enough.WaitForNotification();
                      return absl::OkStatus();
                    })
                    .ok());
  });
  writing.WaitForNotification();
  EXPECT_TRUE(TryToRead(*database_).ok());
  EXPECT_TRUE(TryToRead(*other).ok());
  const absl::Status late =
      other->Write([](soci::session& /*session*/) { return absl::OkStatus(); });
  EXPECT_TRUE(absl::IsUnavailable(late)) << late;
  EXPECT_THAT(std::string(late.message()), HasSubstr("writing for too long"));
  enough.Notify();
  writer.join();
  EXPECT_TRUE(other->Write([](soci::session& /*session*/) { return absl::OkStatus(); }).ok());
}

TEST_F(PostgresqlDatabaseTest, MoreThanThereAreConnectionsWaitTheirTurn) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4 * PostgresqlDatabase::kConnections; ++i) {
    threads.emplace_back([this] {
      EXPECT_TRUE(database_
                      ->Read([](soci::session& session) {
                        session << "SELECT pg_sleep(0.02)";
                        return absl::OkStatus();
                      })
                      .ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(*TestServer()->Execute(url_,
                                   "SELECT count(*) FROM pg_stat_activity WHERE datname = "
                                   "current_database() AND pid <> pg_backend_pid()"),
            absl::StrCat(PostgresqlDatabase::kConnections, "\n"));
}

TEST_F(PostgresqlDatabaseTest, ABrokenIdleConnectionIsReplacedUnnoticed) {
  BreakConnections();
  EXPECT_TRUE(TryToRead(*database_).ok());
  BreakConnections();
  EXPECT_TRUE(database_->Write([](soci::session& /*session*/) { return absl::OkStatus(); }).ok());
}

TEST_F(PostgresqlDatabaseTest, ATransactionThatBreaksSaysSo) {
  const absl::Status read = database_->Read([this](soci::session& session) {
    BreakConnections();
    QueryNumber(session, "SELECT 1", {});
    return absl::OkStatus();
  });
  EXPECT_TRUE(absl::IsUnavailable(read)) << read;
  const absl::Status commit = database_->Write([this](soci::session& /*session*/) {
    BreakConnections();
    return absl::OkStatus();
  });
  EXPECT_TRUE(absl::IsUnavailable(commit)) << commit;
  EXPECT_THAT(std::string(commit.message()), HasSubstr("may have been made or not"));
  EXPECT_TRUE(TryToRead(*database_).ok());
}

TEST_F(PostgresqlDatabaseTest, AServerThatIsAwayComesBack) {
  std::vector<absl::StatusCode> heard;
  const auto database = *PostgresqlDatabase::Open(
      url_, Use::kTogether,
      [&heard](const absl::Status& status) { heard.push_back(status.code()); });
  TestServer()->Crash();
  EXPECT_TRUE(absl::IsUnavailable(TryToRead(*database)));
  EXPECT_TRUE(absl::IsUnavailable(TryToRead(*database)));
  EXPECT_THAT(heard, ::testing::ElementsAre(absl::StatusCode::kUnavailable,
                                            absl::StatusCode::kUnavailable));
  ASSERT_TRUE(TestServer()->StartAgain().ok());
  EXPECT_TRUE(TryToRead(*database).ok());
}

TEST_F(PostgresqlDatabaseTest, OneMayHaveItAlone) {
  const absl::Status refused = PostgresqlDatabase::Open(url_, Use::kAlone, nullptr).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr("a coordinator is running"));
  database_.reset();
  auto alone = PostgresqlDatabase::Open(url_, Use::kAlone, nullptr);
  ASSERT_TRUE(alone.ok()) << alone.status();
  EXPECT_TRUE(
      absl::IsUnavailable(PostgresqlDatabase::Open(url_, Use::kTogether, nullptr).status()));
  EXPECT_TRUE(TryToRead(**alone).ok());
  alone->reset();
  EXPECT_NE(Open(), nullptr);
}

TEST_F(PostgresqlDatabaseTest, MistakesAndRulesAreTold) {
  const auto run = [this](const std::string& sql) {
    return database_->Write([&](soci::session& session) {
      session << sql;
      return absl::OkStatus();
    });
  };
  ASSERT_TRUE(run("CREATE TABLE t (name TEXT UNIQUE)").ok());
  ASSERT_TRUE(run("INSERT INTO t VALUES ('hunter2')").ok());
  const absl::Status twice = run("INSERT INTO t VALUES ('hunter2')");
  EXPECT_TRUE(absl::IsFailedPrecondition(twice)) << twice;
  EXPECT_THAT(std::string(twice.message()), Not(HasSubstr("hunter2")));
  EXPECT_EQ(run("SELECT nonsense").code(), absl::StatusCode::kInternal);
  EXPECT_TRUE(absl::IsInvalidArgument(database_->Write([](soci::session& session) {
    Execute(session, "INSERT INTO t VALUES (:name)", {"\xff\xfe"});
    return absl::OkStatus();
  })));
  EXPECT_TRUE(TryToRead(*database_).ok());
}

}  // namespace
}  // namespace homeport
