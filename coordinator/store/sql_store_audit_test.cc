// The chain of the audit: what is changed, missing, cut off or forged shows.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "coordinator/store/audit_chain.h"
#include "coordinator/store/test_database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const char kKey[] = "a key that is not in the database";
const absl::Time kDay = absl::UnixEpoch() + absl::Hours(24 * 20000);

class SqlStoreAuditTest : public DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    if (store_ == nullptr) return;
    EXPECT_TRUE(store_->SetAuditKey(kKey).ok());
  }

  static AuditRecord Line(const std::string& action, absl::Time time = kDay) {
    return {0, time, "users/ann", action, "users/bob", "192.0.2.1:77", "{}"};
  }
  void Append(int count) {
    for (int i = 0; i < count; ++i) ASSERT_TRUE(store_->AppendAudit(Line("act")).ok());
  }
  // What somebody who owns the database can do.
  void Tamper(const std::string& sql) {
    DropAuditTriggers();
    Sql({sql});
  }
  std::string Problem() { return store_->VerifyAudit()->problem; }
};

TEST_P(SqlStoreAuditTest, AWholeChainIsWhole) {
  EXPECT_EQ(Problem(), "") << "an empty one";
  Append(2500);
  Reopen();
  ASSERT_TRUE(store_->SetAuditKey(kKey).ok());
  const AuditVerification verified = *store_->VerifyAudit();
  EXPECT_EQ(verified.problem, "");
  EXPECT_EQ(verified.entries, 2500);
  EXPECT_EQ(verified.first_id, 1);
  EXPECT_EQ(verified.last_id, 2500);
  EXPECT_EQ(verified.last_hash, store_->ListAudit({}, 1)->at(0).hash);
}

TEST_P(SqlStoreAuditTest, AChangedLineShows) {
  Append(5);
  Tamper("UPDATE audit SET actor = 'users/eve' WHERE id = 3");
  EXPECT_THAT(Problem(), HasSubstr("auditEntries/3 was changed"));
}

TEST_P(SqlStoreAuditTest, EveryFieldCounts) {
  const AuditRecord line = Line("act");
  const std::string hash = AuditHash(FirstAuditHash(), line);
  for (const auto change :
       {+[](AuditRecord& r) { ++r.id; }, +[](AuditRecord& r) { r.time += absl::Microseconds(1); },
        +[](AuditRecord& r) { r.actor += 'x'; }, +[](AuditRecord& r) { r.action += 'x'; },
        +[](AuditRecord& r) { r.target += 'x'; }, +[](AuditRecord& r) { r.address += 'x'; },
        +[](AuditRecord& r) { r.detail += 'x'; },
        // What moves from one field into the next.
        +[](AuditRecord& r) { r.actor.pop_back(), r.action = "nact"; }}) {
    AuditRecord other = line;
    change(other);
    EXPECT_NE(AuditHash(FirstAuditHash(), other), hash);
  }
  EXPECT_NE(AuditHash(hash, line), hash);
}

TEST_P(SqlStoreAuditTest, MissingLinesShow) {
  Append(6);
  Tamper("DELETE FROM audit WHERE id IN (3, 4)");
  EXPECT_EQ(Problem(), "auditEntries/3 to auditEntries/4 are missing");
}

TEST_P(SqlStoreAuditTest, ACutOffEndShows) {
  Append(6);
  Tamper("DELETE FROM audit WHERE id > 4");
  EXPECT_THAT(Problem(), HasSubstr("auditEntries/5 to auditEntries/6"));
}

TEST_P(SqlStoreAuditTest, AForgedHeadShowsForEver) {
  Append(6);
  Tamper("DELETE FROM audit WHERE id > 4");
  Sql({"UPDATE audit_chain SET last_id = 4, last_hash = (SELECT hash FROM audit WHERE id = 4)"});
  EXPECT_THAT(Problem(), HasSubstr("somebody else"));
  Append(1);
  EXPECT_THAT(Problem(), HasSubstr("somebody else")) << "what is written later does not heal it";
  Reopen();
  EXPECT_TRUE(absl::IsDataLoss(store_->SetAuditKey(kKey)));
  EXPECT_THAT(Problem(), HasSubstr("somebody else"));
}

TEST_P(SqlStoreAuditTest, ARemovedHeadShows) {
  Append(3);
  Tamper("DELETE FROM audit_chain");
  Reopen();
  EXPECT_TRUE(absl::IsDataLoss(store_->SetAuditKey(kKey)));
  EXPECT_NE(Problem(), "");
}

TEST_P(SqlStoreAuditTest, OldLinesGoAndTheChainHolds) {
  ASSERT_TRUE(store_->AppendAudit(Line("old", kDay)).ok());
  ASSERT_TRUE(store_->AppendAudit(Line("old", kDay + absl::Hours(1))).ok());
  ASSERT_TRUE(store_->AppendAudit(Line("new", kDay + absl::Hours(48))).ok());
  // Of a clock that was wrong: kept, because one before it is.
  ASSERT_TRUE(store_->AppendAudit(Line("late", kDay)).ok());
  const AuditRecord purge = Line("audit.purge", kDay + absl::Hours(50));
  EXPECT_EQ(*store_->PurgeAudit(kDay + absl::Hours(24), purge), 2);
  const std::vector<AuditRecord> all = *store_->ListAudit({}, 10);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].action, "audit.purge");
  EXPECT_EQ(all[0].detail, R"({"entries":2,"last":2})");
  EXPECT_EQ(*store_->PurgeAudit(kDay + absl::Hours(24), purge), 0) << "and says nothing then";
  EXPECT_EQ(store_->ListAudit({}, 10)->size(), 3u);
  const AuditVerification verified = *store_->VerifyAudit();
  EXPECT_EQ(verified.problem, "");
  EXPECT_EQ(verified.first_id, 3);
  EXPECT_EQ(*store_->PurgeAudit(kDay + absl::Hours(100), purge), 3) << "all of them";
  EXPECT_EQ(Problem(), "");
}

TEST_P(SqlStoreAuditTest, FiltersFind) {
  const auto add = [this](AuditRecord record) { ASSERT_TRUE(store_->AppendAudit(record).ok()); };
  add({0, kDay, "users/ann", "session.start", "users/ann/workspaces/dev", "192.0.2.1:7", "{}"});
  add({0, kDay + absl::Hours(1), "users/bob", "session.end", "users/ann", "[2001:db8::1]:9", "{}"});
  add({0, kDay + absl::Hours(2), "users/ann", "sessions", "users/annabel", "192.0.2.10:7", "{}"});
  const auto ids = [this](const AuditFilter& filter) {
    std::vector<int64_t> found;
    const std::vector<AuditRecord> records = *store_->ListAudit(filter, 10);
    for (const AuditRecord& record : records) found.push_back(record.id);
    return found;
  };
  AuditFilter filter;
  filter.target = "users/ann";
  EXPECT_THAT(ids(filter), ElementsAre(2, 1)) << "it and what is below it";
  filter = {};
  filter.action = "session.";
  EXPECT_THAT(ids(filter), ElementsAre(2, 1));
  filter.oldest_first = true;
  EXPECT_THAT(ids(filter), ElementsAre(1, 2));
  filter.after_id = 1;
  EXPECT_THAT(ids(filter), ElementsAre(2));
  filter = {};
  filter.action = "session_";  // no pattern
  EXPECT_THAT(ids(filter), ElementsAre());
  filter = {};
  filter.actor = "users/ann";
  EXPECT_THAT(ids(filter), ElementsAre(3, 1));
  filter = {};
  filter.address = "192.0.2.1";
  EXPECT_THAT(ids(filter), ElementsAre(1)) << "192.0.2.10 is another one";
  filter.address = "2001:db8::1";
  EXPECT_THAT(ids(filter), ElementsAre(2));
  filter = {};
  filter.start_time = kDay + absl::Hours(1);
  EXPECT_THAT(ids(filter), ElementsAre(3, 2));
  filter.end_time = kDay + absl::Hours(2);
  EXPECT_THAT(ids(filter), ElementsAre(2));
}

TEST_P(SqlStoreAuditTest, WhatCannotBeRecordedDoesNotHappen) {
  RefuseAuditLines();
  EXPECT_FALSE(store_->CreateProvider({0, "local", "", {}}, Line("provider.create")).ok());
  EXPECT_TRUE(absl::IsNotFound(store_->GetProvider("local").status()));
}

INSTANTIATE_TEST_SUITE_P(In, SqlStoreAuditTest, EveryDatabase(), DatabaseName);

}  // namespace
}  // namespace homeport
