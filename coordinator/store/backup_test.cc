// Backups that are taken while the store is written to: coordinator backup, and PostgreSQL's own
// pg_dump and pg_restore.
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "base/file.h"
#include "coordinator/store/sqlite_backup.h"
#include "coordinator/store/test_database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

const char kKey[] = "a key that is not in the database";
const AuditRecord kNote{0, absl::FromUnixSeconds(1700000000), "users/root", "test", "", "", "{}"};

class BackupTest : public DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    if (store_ == nullptr) return;
    ASSERT_TRUE(store_->SetAuditKey(kKey).ok());
    writer_ = std::thread([this] { Write(); });
    WaitFor(50);
  }
  void TearDown() override {
    stop_ = true;
    if (writer_.joinable()) writer_.join();
  }
  // Makes one thing after the other, each with its line in the audit.
  void Write() {
    for (int i = 0; !stop_; ++i) {
      EXPECT_TRUE(store_->CreateProvider({0, absl::StrCat("p", i), "", {}}, kNote).ok());
      absl::MutexLock lock(&mutex_);
      ++made_;
    }
  }
  void WaitFor(int count) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [this, count] { return made_ >= count; };
    ASSERT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&enough), absl::Minutes(2)));
  }
  int made() {
    absl::MutexLock lock(&mutex_);
    return made_;
  }
  // Opens what was restored and looks whether all that was there before is there.
  void ExpectWhole(const std::string& location, int before) {
    const auto restored = OpenStore(location);
    ASSERT_TRUE(restored.ok()) << restored.status();
    EXPECT_TRUE((*restored)->SetAuditKey(kKey).ok()) << "the seal is good";
    const AuditVerification audit = *(*restored)->VerifyAudit();
    EXPECT_EQ(audit.problem, "");
    EXPECT_GE(audit.entries, before);
    for (int i = 0; i < before; ++i) {
      EXPECT_TRUE((*restored)->GetProvider(absl::StrCat("p", i)).ok()) << i << " is lost";
    }
    const std::vector<ProviderRecord> all = *(*restored)->ListProviders("", 1000000);
    EXPECT_EQ(audit.entries, static_cast<int64_t>(all.size())) << "all or nothing of each change";
    EXPECT_TRUE((*restored)->CreateProvider({0, "next", "", {}}, kNote).ok());
    EXPECT_EQ((*restored)->VerifyAudit()->problem, "");
  }

  std::thread writer_;
  std::atomic<bool> stop_{false};
  absl::Mutex mutex_;
  int made_ = 0;
};

TEST_P(BackupTest, ABackupUnderLoadRestores) {
  const int before = made();
  std::string restored;
  if (GetParam() == DatabaseKind::kSqlite) {
    const std::string file = SqlitePath(location_);
    const std::string to = file + ".backup";
    const auto backup = BackUpSqlite(file, to, kKey);
    ASSERT_TRUE(backup.ok()) << backup.status();
    EXPECT_EQ(backup->problem, "");
    restored = "sqlite:" + to;
  } else {
    const std::string dump = TestServer()->folder() + "/dump";
    absl::Status status = TestServer()->RunProgram(
        {"pg_dump", "--format=custom", "--no-owner", "--file=" + dump, "--dbname=" + location_});
    ASSERT_TRUE(status.ok()) << status;
    restored = NewDatabase(DatabaseKind::kPostgresql);
    status = TestServer()->RunProgram(
        {"pg_restore", "--no-owner", "--exit-on-error", "--dbname=" + restored, dump});
    ASSERT_TRUE(status.ok()) << status;
  }
  WaitFor(made() + 5);  // nobody was held up
  ExpectWhole(restored, before);
}

INSTANTIATE_TEST_SUITE_P(Of, BackupTest, EveryDatabase(), DatabaseName);

TEST(SqliteBackupTest, ItIsOnePrivateFileThatTakesNobodysPlace) {
  const std::string location = NewDatabase(DatabaseKind::kSqlite);
  const auto store = *OpenStore(location);
  const std::string file = SqlitePath(location);
  const std::string folder = std::filesystem::path(file).parent_path().string() + "/backups";
  ASSERT_TRUE(MakeFolder(folder, 0700).ok());
  EXPECT_TRUE(absl::IsNotFound(BackUpSqlite(file + ".none", folder + "/a", "").status()));
  EXPECT_FALSE(std::filesystem::exists(file + ".none"));
  ASSERT_TRUE(BackUpSqlite(file, folder + "/a", "").ok());
  const std::string content = *ReadFile(folder + "/a", 10 << 20);
  ASSERT_TRUE(store->AppendAudit(kNote).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(BackUpSqlite(file, folder + "/a", "").status()));
  EXPECT_EQ(*ReadFile(folder + "/a", 10 << 20), content);
  struct stat info = {};
  ASSERT_EQ(stat((folder + "/a").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    files.push_back(entry.path().filename().string());
  }
  EXPECT_THAT(files, ::testing::ElementsAre("a"));
}

}  // namespace
}  // namespace homeport
