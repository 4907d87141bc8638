// What the store promises of a SQLite file besides what it promises of every database.
#include <sys/stat.h>

#include <memory>
#include <string>

#include "base/file.h"
#include "coordinator/store/open_store.h"
#include "coordinator/store/schema.h"
#include "coordinator/store/sqlite_database.h"
#include "coordinator/store/sqlite_schema.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;

class SqliteStoreTest : public ::testing::Test {
 protected:
  SqliteStoreTest() {
    std::string folder = ::testing::TempDir() + "/storeXXXXXX";
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    path_ = folder + "/homeport.db";
  }

  std::string path_;
};

TEST_F(SqliteStoreTest, DamageAndOtherFilesAreRefusedAndKept) {
  ASSERT_TRUE(WriteFileAtomically(path_, std::string(8192, 'x'), 0600).ok());
  const absl::Status garbage = OpenStore("sqlite:" + path_).status();
  EXPECT_TRUE(absl::IsDataLoss(garbage)) << garbage;
  EXPECT_THAT(std::string(garbage.message()), HasSubstr(path_));
  EXPECT_EQ(*ReadFile(path_), std::string(8192, 'x'));
}

TEST_F(SqliteStoreTest, TheFileIsPrivate) {
  ASSERT_TRUE(OpenStore("sqlite:" + path_).ok());
  struct stat info = {};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

// The schema of version 1, as it was released, must always lead to today's.
TEST_F(SqliteStoreTest, MigratesFromVersionOne) {
  const std::string& path = path_;
  {
    const auto database = *SqliteDatabase::Open(path, nullptr);
    ASSERT_TRUE(Migrate(*database, {SqliteSchemaSteps().front()}).ok());
    ASSERT_TRUE(database
                    ->Write([](soci::session& session) {
                      session << "INSERT INTO users (name, email, site_manager, public_key, "
                                 "sealed_key, create_time) VALUES ('ann', 'a@b', 1, 'a2V5', "
                                 "'c2VhbA==', 1700000000000000)";
                      session << "INSERT INTO providers (name, display_name, create_time) VALUES "
                                 "('local', 'Local', 1700000000000000)";
                      session << "INSERT INTO workspaces (owner_id, name, provider_id, "
                                 "create_time) VALUES (1, 'dev', 1, 1700000000000000)";
                      return absl::OkStatus();
                    })
                    .ok());
  }
  const auto store = OpenStore("sqlite:" + path);
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ((*store)->GetUser("ann")->public_key, "key");
  EXPECT_TRUE((*store)->GetProvider("local")->features.key_socket)
      << "what was there before has it";
  const absl::StatusOr<WorkspaceRecord> dev = (*store)->GetWorkspace("ann", "dev");
  ASSERT_TRUE(dev.ok()) << dev.status();
  EXPECT_EQ(dev->details.image_uri, "");
  EXPECT_EQ(dev->details.pinned_backend, BackendPin::kAuto);
  EXPECT_TRUE(dev->openssh_host_keys.keys.empty());
  EXPECT_EQ(dev->openssh_host_keys.change_time, absl::InfinitePast());
  EXPECT_TRUE((*store)->ListAudit({}, 10)->empty());
}

}  // namespace
}  // namespace homeport
