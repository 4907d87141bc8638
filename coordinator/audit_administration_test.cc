#include "coordinator/audit_administration.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "coordinator/audit_line.h"
#include "coordinator/store/open_store.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

class AuditAdministrationTest : public ::testing::Test {
 protected:
  AuditAdministrationTest() {
    std::string folder = ::testing::TempDir() + "/auditXXXXXX";
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    store_ = *OpenStore("sqlite:" + folder + "/homeport.db");
    audit_ = std::make_unique<AuditAdministration>(*store_);
    for (const int days : {30, 3, 2, 0}) {
      AuditRecord line = AuditLine(AuditActor{"users/ann", ""}, "test", "");
      line.time = now_ - absl::Hours(24 * days);
      EXPECT_TRUE(store_->AppendAudit(line).ok());
    }
  }

  std::vector<std::string> Actions() {
    const std::vector<AuditRecord> lines = *store_->ListAudit({}, 100);
    std::vector<std::string> actions;
    for (const AuditRecord& line : lines) actions.push_back(line.action);
    return actions;
  }
  void Keep(absl::Duration retention) {
    SiteSettings settings;
    settings.audit_retention = retention;
    const AuditRecord line = AuditLine(AuditActor{"users/ann", ""}, "settings.update", "settings");
    EXPECT_TRUE(store_->SetSettings(settings, line).ok());
  }

  const absl::Time now_ = absl::Now();
  std::unique_ptr<SqlStore> store_;
  std::unique_ptr<AuditAdministration> audit_;
};

TEST_F(AuditAdministrationTest, LinesAreKeptForEverUnlessTheSettingsSayOtherwise) {
  audit_->Purge(now_ + absl::Hours(24 * 365 * 10));
  EXPECT_EQ(Actions().size(), 4u);
  Keep(absl::Hours(24 * 365));
  audit_->Purge(now_);
  EXPECT_EQ(Actions().size(), 5u) << "nothing is that old, and nothing was recorded";
}

TEST_F(AuditAdministrationTest, WhatIsOlderGoesAndThatIsRecorded) {
  Keep(absl::Hours(60));
  audit_->Purge(now_);
  EXPECT_EQ(Actions(),
            (std::vector<std::string>{"audit.purge", "settings.update", "test", "test"}));
  const AuditRecord purge = store_->ListAudit({}, 1)->front();
  EXPECT_EQ(purge.actor, "coordinator");
  v1::VerifyAuditResponse whole;
  ASSERT_TRUE(audit_->Verify({}, {}, whole).ok());
  EXPECT_TRUE(whole.intact()) << whole.problem();
  EXPECT_EQ(whole.first(), "auditEntries/3");
}

}  // namespace
}  // namespace homeport
