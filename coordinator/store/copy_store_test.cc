// Moving a store, to each database from the other.
#include "coordinator/store/copy_store.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "coordinator/store/sql_statement.h"
#include "coordinator/store/test_database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;

const char kKey[] = "a key that is not in the database";
const AuditRecord kNote{0, absl::FromUnixSeconds(1700000000), "users/root", "test", "", "", "{}"};

// The parameter is where to; `store_` and `location_` are there.
class CopyStoreTest : public DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    if (store_ == nullptr) return;
    const std::string source = NewDatabase(
        GetParam() == DatabaseKind::kSqlite ? DatabaseKind::kPostgresql : DatabaseKind::kSqlite);
    ASSERT_FALSE(source.empty());
    source_ = *OpenStore(source);
    Fill();
  }
  static NewUser MakeUser(const std::string& name) {
    NewUser user;
    user.name = name;
    user.email = name + "@example.com";
    user.site_manager = true;
    user.key = {"key of " + name + std::string("\0\xff", 2), "sealed key of " + name};
    user.token = MintCredential(CredentialKind::kUser).hashed;
    return user;
  }
  // Something of everything.
  void Fill() {
    ASSERT_TRUE(source_->SetAuditKey(kKey).ok());
    const int64_t ann = source_->CreateFirstUser(MakeUser("ann"), kNote)->id;
    gone_ = source_->CreateUser(MakeUser("gone"), kNote)->id;
    ASSERT_TRUE(source_->DeleteUser("gone", kNote).ok());
    ASSERT_TRUE(source_->CreateOwnKey({0, ann, "phone", "blob", {}}, kNote).ok());
    ASSERT_TRUE(source_->CreateProvider({0, "local", "'\\ \"\n \xc3\xa4 :x", {}}, kNote).ok());
    for (int i = 0; i < 450; ++i) {
      const NewWorkspace workspace{"ann", absl::StrCat("w", i), "local",
                                   MintCredential(CredentialKind::kWorkspace).hashed};
      ASSERT_TRUE(source_->CreateWorkspace(workspace, kNote).ok());
    }
    ASSERT_TRUE(source_->SetProxyCredential(MintCredential(CredentialKind::kProxy).hashed).ok());
    ASSERT_TRUE(source_->CreateHostKey({"public", "sealed"}).ok());
    ASSERT_TRUE(
        source_->SetSettings({"ssh-rsa", false, absl::Hours(48), absl::Hours(1)}, kNote).ok());
    AuditRecord young = kNote;
    young.time = absl::Now();
    ASSERT_TRUE(source_->AppendAudit(young).ok());
    ASSERT_GT(*source_->PurgeAudit(young.time - absl::Hours(1), young), 450);
  }
  absl::StatusOr<CopyReport> CopyIt() {
    return CopyStore(source_->database(), store_->database(), kKey);
  }
  int64_t Users() {
    return *store_->database().Read([](soci::session& session) {
      return absl::StatusOr<int64_t>(QueryNumber(session, "SELECT count(*) FROM users", {}));
    });
  }

  std::unique_ptr<SqlStore> source_;
  int64_t gone_ = 0;
};

TEST_P(CopyStoreTest, EverythingComes) {
  const absl::StatusOr<CopyReport> report = CopyIt();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->audit.problem, "");
  int64_t workspaces = 0, credentials = 0;
  for (const CopiedTable& table : report->tables) {
    EXPECT_EQ(table.digest.size(), 64u);
    if (table.name == "workspaces") workspaces = table.rows;
    if (table.name == "credentials") credentials = table.rows;
  }
  EXPECT_EQ(workspaces, 450);
  EXPECT_EQ(credentials, 452);
  Reopen();
  ASSERT_TRUE(store_->SetAuditKey(kKey).ok());
  EXPECT_EQ(store_->VerifyAudit()->last_hash, source_->VerifyAudit()->last_hash);
  EXPECT_EQ(store_->GetUser("ann")->public_key, source_->GetUser("ann")->public_key);
  EXPECT_EQ(store_->GetProvider("local")->display_name, "'\\ \"\n \xc3\xa4 :x");
  EXPECT_EQ(store_->GetHostKey()->sealed, "sealed");
  EXPECT_TRUE(*store_->HadFirstUser());
  EXPECT_EQ(store_->GetSettings()->key_algorithm, "ssh-rsa");
  // And life goes on.
  const absl::StatusOr<UserRecord> next = store_->CreateUser(MakeUser("next"), kNote);
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_GT(next->id, gone_) << "numbers do not come back";
  EXPECT_EQ(store_->VerifyAudit()->problem, "");
}

TEST_P(CopyStoreTest, ATargetThatIsNotEmptyIsLeftAlone) {
  ASSERT_TRUE(store_->CreateUser(MakeUser("eve"), kNote).ok());
  const absl::Status refused = CopyIt().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr("not empty"));
  EXPECT_EQ(Users(), 1);
}

TEST_P(CopyStoreTest, AFailureLeavesTheTargetEmpty) {
  RefuseAuditLines();  // which come nearly last
  EXPECT_FALSE(CopyIt().ok());
  EXPECT_EQ(Users(), 0);
}

TEST_P(CopyStoreTest, WhatChangesOnTheWayShows) {
  if (GetParam() == DatabaseKind::kSqlite) {
    Sql(
        {"CREATE TRIGGER odd AFTER INSERT ON providers BEGIN UPDATE providers SET display_name = "
         "'x'; END"});
  } else {
    Sql(
        {"CREATE FUNCTION odd() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.display_name = "
         "'x'; RETURN NEW; END $$",
         "CREATE TRIGGER odd BEFORE INSERT ON providers FOR EACH ROW EXECUTE FUNCTION odd()"});
  }
  const absl::Status status = CopyIt().status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("providers did not come whole"));
  EXPECT_EQ(Users(), 0);
}

TEST_P(CopyStoreTest, AnotherMasterKeyShows) {
  const absl::StatusOr<CopyReport> report =
      CopyStore(source_->database(), store_->database(), "another key");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->audit.problem, HasSubstr("somebody else"));
}

INSTANTIATE_TEST_SUITE_P(To, CopyStoreTest, EveryDatabase(), DatabaseName);

}  // namespace
}  // namespace homeport
