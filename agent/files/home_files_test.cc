#include "agent/files/home_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "base/file.h"
#include "gtest/gtest.h"

namespace homeport::agent {
namespace {

namespace fs = std::filesystem;
constexpr absl::Duration kPatience = absl::Seconds(30);

class HomeFilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    home_ = absl::StrCat(::testing::TempDir(), "/files.XXXXXX");
    ASSERT_NE(mkdtemp(home_.data()), nullptr);
  }
  void TearDown() override { fs::remove_all(home_); }
  HomeFiles::Options Defaults() const {
    HomeFiles::Options options;
    options.home = home_;
    options.first_pause = options.longest_pause = absl::Milliseconds(100);
    return options;
  }
  std::string Path(const std::string& name) const { return home_ + "/.ssh/" + name; }
  // The status of the file once it is `current`.
  v1::ManagedFile Await(const std::string& name, bool current) {
    v1::ManagedFile found;
    const auto there = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      for (const v1::ManagedFile& file : status_.files()) {
        if (file.path() != Path(name) || file.current() != current) continue;
        found = file;
        return true;
      }
      return false;
    };
    absl::MutexLock lock(&mutex_);
    EXPECT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&there), kPatience))
        << name << " never was " << (current ? "right" : "wrong");
    return found;
  }

  std::string home_;
  absl::Mutex mutex_;
  v1::AgentStatus status_ ABSL_GUARDED_BY(mutex_);
  StatusBoard board_{[this](const v1::AgentStatus& status) {
    absl::MutexLock lock(&mutex_);
    status_ = status;
  }};
};

TEST_F(HomeFilesTest, WritesBothAndSaysSo) {
  HomeFiles files(Defaults(), board_);
  files.SetKeys({"ssh-ed25519 AAAA homeport:ada@example.com"});
  files.SetEnvironment({"A=1"}, {"TWO_LINES"});
  Await("authorized_keys", true);
  EXPECT_EQ(Await("environment", true).left_out(0), "TWO_LINES");
  EXPECT_TRUE(absl::StrContains(*ReadFile(Path("authorized_keys")),
                                "\nssh-ed25519 AAAA homeport:ada@example.com\n"));
  EXPECT_TRUE(absl::StrContains(*ReadFile(Path("environment")), "\nA=1\n"));
}

TEST_F(HomeFilesTest, TellsWhenAWishHasBeenTried) {
  HomeFiles files(Defaults(), board_);
  absl::Notification none, written, failed;
  files.WhenTried([&](const std::string& error) {
    EXPECT_EQ(error, "");
    none.Notify();
  });
  EXPECT_TRUE(none.HasBeenNotified()) << "there is nothing to wait for";
  files.SetKeys({"ssh-ed25519 AAAA homeport:"});
  files.SetEnvironment({"A=1"}, {});
  files.WhenTried([&](const std::string& error) {
    EXPECT_EQ(error, "");
    EXPECT_TRUE(absl::StrContains(*ReadFile(Path("authorized_keys")), "AAAA"));
    EXPECT_TRUE(absl::StrContains(*ReadFile(Path("environment")), "A=1"));
    written.Notify();
  });
  ASSERT_TRUE(written.WaitForNotificationWithTimeout(kPatience));
  fs::remove_all(home_);
  files.SetKeys({});
  files.WhenTried([&](const std::string& error) {
    EXPECT_TRUE(absl::StrContains(error, "does not exist")) << error;
    failed.Notify();
  });
  ASSERT_TRUE(failed.WaitForNotificationWithTimeout(kPatience));
}

TEST_F(HomeFilesTest, TriesAgainUntilItWorks) {
  fs::remove(home_);
  HomeFiles files(Defaults(), board_);
  files.SetKeys({"ssh-rsa AAAA homeport:"});
  EXPECT_TRUE(absl::StrContains(Await("authorized_keys", false).error(), "does not exist"));
  EXPECT_TRUE(absl::StrContains(board_.status().last_error(), "does not exist"));
  ASSERT_EQ(mkdir(home_.c_str(), 0700), 0);
  EXPECT_EQ(Await("authorized_keys", true).error(), "");
  EXPECT_TRUE(fs::exists(Path("authorized_keys")));
}

TEST_F(HomeFilesTest, WhatIsNewIsTriedAtOnce) {
  fs::remove(home_);
  HomeFiles::Options options = Defaults();
  options.first_pause = options.longest_pause = absl::Hours(100);
  HomeFiles files(options, board_);
  files.SetKeys({"ssh-rsa AAAA homeport:"});
  Await("authorized_keys", false);
  ASSERT_EQ(mkdir(home_.c_str(), 0700), 0);
  files.SetKeys({"ssh-rsa AAAB homeport:"});
  Await("authorized_keys", true);
}

TEST_F(HomeFilesTest, TheSameAgainIsNothingNew) {
  HomeFiles files(Defaults(), board_);
  files.SetKeys({"ssh-rsa AAAA homeport:"});
  Await("authorized_keys", true);
  // Somebody else's, now: it is not ours to write again.
  ASSERT_TRUE(WriteFileAtomically(Path("authorized_keys"), "theirs\n", 0600).ok());
  files.SetKeys({"ssh-rsa AAAA homeport:"});
  files.SetEnvironment({"A=1"}, {});
  Await("environment", true);  // the thread has been through all
  EXPECT_EQ(*ReadFile(Path("authorized_keys")), "theirs\n");
}

TEST_F(HomeFilesTest, TheEnvironmentIsNoLongerThanSshdReads) {
  std::string mine;
  for (int i = 0; i < 500; ++i) absl::StrAppend(&mine, "MINE", i, "=1\n");
  fs::create_directory(home_ + "/.ssh");
  ASSERT_TRUE(WriteFileAtomically(Path("environment"), mine + "LAST=1", 0600).ok());
  std::vector<std::string> lines;
  for (int i = 0; i < 600; ++i) lines.push_back(absl::StrCat("OURS", i, "=1"));
  HomeFiles files(Defaults(), board_);
  files.SetEnvironment(lines, {});
  const v1::ManagedFile status = Await("environment", true);
  const std::string content = *ReadFile(Path("environment"));
  EXPECT_EQ(std::count(content.begin(), content.end(), '\n'), 999);
  EXPECT_TRUE(absl::EndsWith(content, mine + "LAST=1"));
  EXPECT_EQ(status.left_out_size(), 100);
  EXPECT_EQ(status.left_out(0), "OURS493");
}

}  // namespace
}  // namespace homeport::agent
