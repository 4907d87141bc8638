// When the coordinator's disk is full, changes are refused in plain words and nothing is half-made;
// who has a workspace goes on working, and once there is room everything is as before.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "gmock/gmock.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

class FullDisk : public Story {
 protected:
  void SetUp() override {
    // A namespace of our own: the mount is seen by nobody else, and gone with the test.
    if (unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
      GTEST_SKIP() << "a small disk needs the right to mount: " << strerror(errno);
    }
    disk_ = world_.Path("disk");
    ASSERT_TRUE(MakeFolder(disk_, 0700).ok());
    ASSERT_EQ(mount("tmpfs", disk_.c_str(), "tmpfs", 0, "size=4m,mode=0700"), 0) << strerror(errno);
    world_.state_folder = disk_ + "/coordinator";
    Story::SetUp();
  }
  void TearDown() override {
    if (!disk_.empty()) umount2(disk_.c_str(), MNT_DETACH);
  }

  void Fill() {
    const UniqueFd file(open(filler().c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    const std::array<char, 4096> zeros = {};
    while (write(file.get(), zeros.data(), zeros.size()) > 0) {
    }
    ASSERT_EQ(errno, ENOSPC);
    ASSERT_EQ(std::filesystem::space(disk_).available, 0u);
  }
  void MakeRoom() { ASSERT_TRUE(std::filesystem::remove(filler())); }
  std::string filler() const { return disk_ + "/filler"; }

  // Users until one is refused: the database's file has a little room of its own.
  Result CreateUntilRefused() {
    for (int i = 0; i < 200; ++i) {
      refused_ = absl::StrCat("extra", i);
      const Result result = Create(refused_);
      if (result.status != 0) return result;
    }
    ADD_FAILURE() << "nothing is ever refused on a full disk";
    return {};
  }
  Result Create(const std::string& name) {
    return world_.Homeport({"users", "create", name, "--email", name + "@example.com",
                            "--token-file-out", world_.TokenFile(name), "--force"});
  }

  std::string disk_;
  std::string refused_;
};

TEST_F(FullDisk, RefusesChangesInPlainWordsAndLeavesLiveSessionsAlone) {
  const auto session = world_.LiveSession({"dev"});
  ASSERT_NO_FATAL_FAILURE(Fill());
  const Result refused = CreateUntilRefused();
  EXPECT_THAT(refused.err, AnyOf(HasSubstr("disk"), HasSubstr("space"), HasSubstr("room")));
  EXPECT_THAT(refused.err, Not(HasSubstr("SQLITE")));
  EXPECT_EQ(refused.status, 1);
  EXPECT_EQ(world_.Homeport({"users", "get", refused_}).status, 2) << "half-made";
  EXPECT_EQ(world_
                .Homeport({"workspaces", "create", "demo/more", "--provider", "local",
                           "--credential-file", world_.CredentialFile("more"), "--force"})
                .status,
            1);
  EXPECT_EQ(world_.Homeport({"workspaces", "get", "demo/more"}).status, 2) << "half-made";

  world_.Say(*session, "not concerned");
  EXPECT_TRUE(world_.coordinator().running());

  MakeRoom();
  EXPECT_EQ(world_.Ssh({"dev", "echo in"}).out, "in\n");
  EXPECT_EQ(Create(refused_).status, 0);
  EXPECT_EQ(world_.HomeportAs(refused_, {"whoami"}).status, 0);
  world_.coordinator().Kill9();
  world_.Restart("coordinator");
  EXPECT_EQ(world_.HomeportAs(refused_, {"whoami"}).status, 0);
}

TEST_F(FullDisk, DoesNotKeepTheCoordinatorFromStarting) {
  world_.coordinator().Kill9();
  ASSERT_NO_FATAL_FAILURE(Fill());
  world_.Restart("coordinator");
  EXPECT_TRUE(world_.WaitForOnline("demo/dev", true));
  // A session that cannot be recorded does not start.
  MakeRoom();
  EXPECT_EQ(world_.Ssh({"dev", "echo in"}).out, "in\n");
}

}  // namespace
}  // namespace homeport::story
