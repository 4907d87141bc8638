#include "agent/files/managed_file.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport::agent {
namespace {

namespace fs = std::filesystem;
using ::testing::AnyOf;
using ::testing::HasSubstr;

constexpr uid_t kSomebodyElse = 12345;

std::string AddLine(absl::string_view content) {
  return absl::StrContains(content, "ours\n") ? std::string(content)
                                              : absl::StrCat("ours\n", content);
}

class ManagedFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string folder = absl::StrCat(::testing::TempDir(), "/managed.XXXXXX");
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = fs::canonical(folder);
    home_ = folder_ + "/home";
    ASSERT_EQ(mkdir(home_.c_str(), 0755), 0);
  }
  void TearDown() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  ManagedFile::Options Defaults() const {
    ManagedFile::Options options;
    options.home = home_;
    options.name = "authorized_keys";
    return options;
  }
  absl::Status Update() { return ManagedFile(Defaults()).Update(AddLine); }
  std::string Ssh(const std::string& name = "") const { return home_ + "/.ssh" + name; }
  std::string file() const { return Ssh("/authorized_keys"); }
  void Write(const std::string& path, absl::string_view content, mode_t mode = 0600) {
    fs::create_directories(fs::path(path).parent_path());
    ASSERT_TRUE(WriteFileAtomically(path, content, mode).ok());
  }
  static std::string Content(const std::string& path) {
    return ReadFile(path, 256 << 20).value_or("(none)");
  }
  static mode_t Mode(const std::string& path) {
    struct stat info = {};
    return lstat(path.c_str(), &info) == 0 ? info.st_mode & 07777 : 0;
  }
  // What is in .ssh, without the lock.
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(Ssh())) {
      if (entry.path().filename() != ".homeport.lock") names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  // Whether this test may mount; if not it is skipped.
  static bool MayMount() {
    return unshare(CLONE_NEWNS) == 0 &&
           mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  }

  std::string folder_;
  std::string home_;
};

TEST_F(ManagedFileTest, MakesFolderAndFilePrivate) {
  umask(0);
  ASSERT_TRUE(Update().ok());
  umask(022);
  EXPECT_EQ(Content(file()), "ours\n");
  EXPECT_EQ(Mode(file()), 0600u);
  EXPECT_EQ(Mode(Ssh()), 0700u);
  EXPECT_EQ(Names(), std::vector<std::string>{"authorized_keys"});
}

TEST_F(ManagedFileTest, KeepsWhatIsThere) {
  for (const std::string& content :
       {std::string(), std::string("mine"), std::string("mine\r\n\0\xff", 8),
        std::string(10'000'000, 'x')}) {
    Write(file(), content, 0644);
    ASSERT_TRUE(Update().ok());
    EXPECT_TRUE(Content(file()) == "ours\n" + content);
    EXPECT_EQ(Mode(file()), 0600u);
  }
}

TEST_F(ManagedFileTest, WritesNothingWhenNothingChanges) {
  ASSERT_TRUE(Update().ok());
  const timespec old[2] = {{1000, 0}, {1000, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, file().c_str(), old, 0), 0);
  struct stat before = {};
  ASSERT_EQ(stat(file().c_str(), &before), 0);
  ASSERT_TRUE(Update().ok());
  struct stat after = {};
  ASSERT_EQ(stat(file().c_str(), &after), 0);
  EXPECT_EQ(after.st_mtim.tv_sec, 1000);
  EXPECT_EQ(after.st_ino, before.st_ino);
}

TEST_F(ManagedFileTest, ChangesOnlyModesThatSshdWouldRefuse) {
  Write(file(), "ours\n");
  chmod(file().c_str(), 0666);
  chmod(Ssh().c_str(), 0777);
  ASSERT_TRUE(Update().ok());
  EXPECT_EQ(Mode(file()), 0644u);
  EXPECT_EQ(Mode(Ssh()), 0755u);
  EXPECT_EQ(Mode(home_), 0755u);
}

TEST_F(ManagedFileTest, ASymbolicLinkStaysAndItsTargetIsReplaced) {
  Write(folder_ + "/dotfiles/keys", "mine\n");
  fs::create_directory(Ssh());
  fs::create_symlink("../../dotfiles/./keys", file());
  ASSERT_TRUE(Update().ok());
  EXPECT_TRUE(fs::is_symlink(file()));
  EXPECT_EQ(Content(folder_ + "/dotfiles/keys"), "ours\nmine\n");
  EXPECT_EQ(Names(), std::vector<std::string>{"authorized_keys"});
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ + "/dotfiles"), {}), 1);
}

TEST_F(ManagedFileTest, FoldersMayBeLinksAndTargetsMissing) {
  fs::create_directories(folder_ + "/persist/ssh");
  fs::create_directory_symlink(folder_ + "/persist/ssh", Ssh());
  fs::create_symlink("elsewhere", folder_ + "/persist/ssh/authorized_keys");
  ASSERT_TRUE(Update().ok());
  EXPECT_EQ(Content(folder_ + "/persist/ssh/elsewhere"), "ours\n");
  EXPECT_TRUE(fs::is_symlink(file()));
  EXPECT_TRUE(fs::is_symlink(Ssh()));
}

TEST_F(ManagedFileTest, LinksThatLeadNowhereAreNamed) {
  fs::create_directory(Ssh());
  fs::create_symlink("authorized_keys", file());
  EXPECT_THAT(std::string(Update().message()), HasSubstr("circle"));
  fs::remove(file());
  fs::create_symlink("/nowhere/keys", file());
  EXPECT_THAT(std::string(Update().message()), HasSubstr("/nowhere does not exist"));
  fs::remove(file());
  fs::create_directory(file());
  EXPECT_THAT(std::string(Update().message()), HasSubstr("is no file"));
  fs::remove(file());
  ASSERT_EQ(mkfifo(file().c_str(), 0600), 0);
  EXPECT_THAT(std::string(Update().message()), HasSubstr("is no file"));
}

TEST_F(ManagedFileTest, NothingOfAnotherUserIsTouched) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can make another user's file";
  Write(folder_ + "/other/keys", "theirs\n");
  ASSERT_EQ(chown((folder_ + "/other").c_str(), kSomebodyElse, 0), 0);
  fs::create_directory(Ssh());
  // A folder of theirs on the way.
  fs::create_symlink(folder_ + "/other/keys", file());
  EXPECT_THAT(std::string(Update().message()), HasSubstr("belongs to another user"));
  // A file of theirs, in a folder of ours.
  fs::remove(file());
  Write(file(), "theirs\n");
  ASSERT_EQ(chown(file().c_str(), kSomebodyElse, 0), 0);
  EXPECT_EQ(Update().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Content(file()), "theirs\n");
  // The same by a hard link.
  fs::create_hard_link(file(), Ssh("/linked"));
  fs::remove(file());
  fs::rename(Ssh("/linked"), file());
  EXPECT_EQ(Update().code(), absl::StatusCode::kPermissionDenied);
  // A link of theirs that leads to something of ours.
  fs::remove(file());
  Write(folder_ + "/ours", "");
  fs::create_symlink(folder_ + "/ours", file());
  ASSERT_EQ(lchown(file().c_str(), kSomebodyElse, 0), 0);
  EXPECT_EQ(Update().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Content(folder_ + "/ours"), "");
  // The folder itself.
  fs::remove(file());
  ASSERT_EQ(chown(Ssh().c_str(), kSomebodyElse, 0), 0);
  EXPECT_EQ(Update().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_FALSE(fs::exists(file()));
  EXPECT_EQ(Content(folder_ + "/other/keys"), "theirs\n");
}

TEST_F(ManagedFileTest, AFolderThatEverybodyMayWriteInIsNotEntered) {
  fs::create_directories(folder_ + "/open");
  chmod((folder_ + "/open").c_str(), 0777);
  fs::create_directory(Ssh());
  fs::create_symlink(folder_ + "/open/keys", file());
  EXPECT_THAT(std::string(Update().message()), HasSubstr("everybody may write"));
  chmod((folder_ + "/open").c_str(), 01777);
  EXPECT_TRUE(Update().ok());
}

TEST_F(ManagedFileTest, ALinkedFileIsReplacedUnderItsName) {
  Write(file(), "mine\n");
  fs::create_hard_link(file(), folder_ + "/backup");
  ASSERT_TRUE(Update().ok());
  EXPECT_EQ(Content(file()), "ours\nmine\n");
  EXPECT_EQ(Content(folder_ + "/backup"), "mine\n");
}

TEST_F(ManagedFileTest, WithoutAHomeItSaysSo) {
  fs::remove(home_);
  const absl::Status status = Update();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr(home_ + " does not exist"));
  EXPECT_FALSE(fs::exists(home_));
}

TEST_F(ManagedFileTest, TooLargeAFileIsLeftAlone) {
  Write(file(), std::string(2 << 20, 'x'));
  ManagedFile::Options options = Defaults();
  options.limit_bytes = 1 << 20;
  EXPECT_THAT(std::string(ManagedFile(options).Update(AddLine).message()),
              HasSubstr("larger than 1 MiB"));
  EXPECT_EQ(Content(file()).size(), 2u << 20);
}

TEST_F(ManagedFileTest, ATemporaryFileThatACrashLeftGoes) {
  Write(Ssh("/.authorized_keys.homeport-new"), "half");
  ASSERT_TRUE(Update().ok());
  EXPECT_EQ(Names(), std::vector<std::string>{"authorized_keys"});
  // Were it a link, what it leads to would be safe.
  Write(folder_ + "/precious", "mine");
  fs::create_symlink(folder_ + "/precious", Ssh("/.authorized_keys.homeport-new"));
  Write(file(), "");
  ASSERT_TRUE(Update().ok());
  EXPECT_EQ(Content(folder_ + "/precious"), "mine");
}

TEST_F(ManagedFileTest, KilledAtAnyStepTheUsersContentIsWhole) {
  const std::string mine(200'000, 'm');  // several writes
  int steps = 0;
  for (bool ended = false; !ended; ++steps) {
    Write(file(), mine);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ManagedFile::Options options = Defaults();
      int left = steps;
      options.on_step_for_test = [&left] {
        if (left-- == 0) kill(getpid(), SIGKILL);
      };
      _exit(ManagedFile(options).Update(AddLine).ok() ? 0 : 1);
    }
    int how = 0;
    ASSERT_EQ(waitpid(child, &how, 0), child);
    ended = WIFEXITED(how);
    if (ended) {
      EXPECT_EQ(WEXITSTATUS(how), 0);
    }
    const std::string content = Content(file());
    EXPECT_TRUE(content == mine || content == "ours\n" + mine) << "killed at step " << steps;
    // The next start mends it all.
    ASSERT_TRUE(Update().ok());
    EXPECT_TRUE(Content(file()) == "ours\n" + mine);
    EXPECT_EQ(Names(), std::vector<std::string>{"authorized_keys"});
  }
  EXPECT_GE(steps, 9) << "too few steps for the test to mean something";
}

TEST_F(ManagedFileTest, AChangeBySomebodyElseIsSeen) {
  Write(file(), "mine\n");
  ManagedFile::Options options = Defaults();
  int step = 0;
  // After it was read, and after the temporary file was written.
  options.on_step_for_test = [&] {
    ++step;
    if (step == 2) Write(file(), "mine, changed\n");
    if (step == 6) fs::remove(file());
  };
  ASSERT_TRUE(ManagedFile(options).Update(AddLine).ok());
  EXPECT_GE(step, 6);
  EXPECT_EQ(Content(file()), "ours\n");
  EXPECT_EQ(Names(), std::vector<std::string>{"authorized_keys"});
}

TEST_F(ManagedFileTest, TwoAgentsTakeTurns) {
  const auto count = [](absl::string_view content) { return absl::StrCat(content, "x"); };
  std::vector<std::thread> agents;
  for (int agent = 0; agent < 4; ++agent) {
    agents.emplace_back([&] {
      for (int i = 0; i < 10; ++i) EXPECT_TRUE(ManagedFile(Defaults()).Update(count).ok());
    });
  }
  for (std::thread& agent : agents) agent.join();
  EXPECT_EQ(Content(file()), std::string(40, 'x'));
}

TEST_F(ManagedFileTest, ALockThatIsKeptIsWaitedForNotForEver) {
  ASSERT_TRUE(Update().ok());
  const UniqueFd lock(open(Ssh("/.homeport.lock").c_str(), O_RDWR));
  ASSERT_EQ(flock(lock.get(), LOCK_EX), 0);
  ManagedFile::Options options = Defaults();
  options.lock_limit = absl::Milliseconds(50);
  EXPECT_TRUE(absl::IsUnavailable(ManagedFile(options).Update(AddLine)));
}

TEST_F(ManagedFileTest, AFullDiskLosesNothing) {
  if (!MayMount()) GTEST_SKIP() << "a small disk needs the right to mount: " << strerror(errno);
  ASSERT_EQ(mount("tmpfs", home_.c_str(), "tmpfs", 0, "size=1m,mode=0755"), 0);
  const std::string mine(600'000, 'm');  // there is no room for it twice
  Write(file(), mine);
  const absl::Status status = Update();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("no room"));
  EXPECT_TRUE(Content(file()) == mine);
  EXPECT_EQ(Names(), std::vector<std::string>{"authorized_keys"});
  Write(file(), "less\n");
  EXPECT_TRUE(Update().ok());
  umount2(home_.c_str(), MNT_DETACH);
}

TEST_F(ManagedFileTest, AReadOnlyHomeIsFineWhenTheBlockIsThere) {
  if (!MayMount()) GTEST_SKIP() << "needs the right to mount: " << strerror(errno);
  Write(file(), "mine\n");
  ASSERT_EQ(mount(home_.c_str(), home_.c_str(), nullptr, MS_BIND, nullptr), 0);
  const auto remount = [&](unsigned long flags) {
    return mount(nullptr, home_.c_str(), nullptr, MS_BIND | MS_REMOUNT | flags, nullptr);
  };
  ASSERT_EQ(remount(MS_RDONLY), 0) << strerror(errno);
  EXPECT_THAT(std::string(Update().message()), HasSubstr("read-only"));
  ASSERT_EQ(remount(0), 0);
  ASSERT_TRUE(Update().ok());
  ASSERT_EQ(remount(MS_RDONLY), 0);
  EXPECT_TRUE(Update().ok());
  umount2(home_.c_str(), MNT_DETACH);
}

TEST_F(ManagedFileTest, AnImmutableFolderIsNamed) {
  if (!MayMount()) GTEST_SKIP() << "needs the right to mount: " << strerror(errno);
  fs::create_directory(Ssh());
  // A folder that nothing can be made in, whoever one is.
  ASSERT_EQ(mount(Ssh().c_str(), Ssh().c_str(), nullptr, MS_BIND, nullptr), 0);
  ASSERT_EQ(mount(nullptr, Ssh().c_str(), nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr), 0);
  EXPECT_THAT(std::string(Update().message()), HasSubstr(Ssh()));
  umount2(Ssh().c_str(), MNT_DETACH);
  // Where the file system knows the attribute, for real.
  if (system(absl::StrCat("chattr +i ", Ssh(), " 2>/dev/null").c_str()) != 0) {
    GTEST_SKIP() << "chattr +i does not work here; a read-only folder was tried instead";
  }
  EXPECT_THAT(std::string(Update().message()), HasSubstr("immutable"));
  ASSERT_EQ(system(absl::StrCat("chattr -i ", Ssh()).c_str()), 0);
}

}  // namespace
}  // namespace homeport::agent
