// homeport config-ssh with real files, and what the real ssh makes of them.
#include <stdio.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "cli/run_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

namespace fs = std::filesystem;

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kMine[] = "# mine \xff\nHost dev.homeport *\n\tUser me\n  Port 9";  // no line break

class ConfigSshTest : public RunTest {
 protected:
  ConfigSshTest() {
    setenv("XDG_RUNTIME_DIR", "/run/user/1000", 1);  // if the test's home is a long path
    AddWorkspace("dev");
    AddWorkspace("box");
  }

  void WriteUserConfig(const std::string& content) const {
    ASSERT_TRUE(MakeFolder(ssh_, 0700).ok());
    ASSERT_TRUE(WriteFileAtomically(config_, content, 0640).ok());
  }

  // All files below ~/.ssh with their contents.
  std::map<std::string, std::string> Files() const {
    std::map<std::string, std::string> files;
    if (!fs::exists(ssh_)) return files;
    for (const auto& entry : fs::recursive_directory_iterator(ssh_)) {
      files[entry.path()] = entry.is_regular_file() ? Read(entry.path()) : "";
    }
    return files;
  }

  // What ssh would do for a host, by the person's own config.
  std::string AskSsh(const std::string& host) const {
    std::string output = "\n";
    FILE* pipe = popen(absl::StrCat("ssh -G -F ", config_, " ", host, " 2>&1").c_str(), "r");
    char buffer[4096];
    size_t n = 0;
    while ((n = fread(buffer, 1, sizeof(buffer), pipe)) > 0) output.append(buffer, n);
    EXPECT_EQ(pclose(pipe), 0) << output;
    return output;
  }

  const std::string ssh_ = Path(".ssh");
  const std::string config_ = Path(".ssh/config");
  const std::string own_ = Path(".ssh/homeport");
};

TEST_F(ConfigSshTest, InAFreshHomeSshThenKnowsTheWorkspaces) {
  ASSERT_EQ(Run({"config-ssh"}), 0) << err_;
  EXPECT_EQ(out_, "2 workspaces are in your ssh config; try: ssh box.homeport\n");
  EXPECT_EQ(err_, "");
  const std::string ssh = AskSsh("dev.homeport");
  EXPECT_THAT(ssh, HasSubstr("\nhostname home.example\n"));
  EXPECT_THAT(ssh, HasSubstr("\nport 2222\n"));
  EXPECT_THAT(ssh, HasSubstr("\nuser dev\n"));
  EXPECT_THAT(ssh, HasSubstr(absl::StrCat("\nidentityfile ", own_, "/identity\n")));
  EXPECT_THAT(ssh, HasSubstr(absl::StrCat("\nuserknownhostsfile ", own_, "/known_hosts\n")));
  EXPECT_THAT(ssh, HasSubstr("\ncontrolmaster auto\n"));
  EXPECT_THAT(ssh, ::testing::ContainsRegex("\ncontrolpath /[^\n]*[0-9a-f]{40}\n"));
  EXPECT_EQ(Mode(ssh_), 0700u);
  EXPECT_EQ(Mode(own_), 0700u);
  for (const char* file : {"/config", "/known_hosts", "/identity"}) {
    EXPECT_EQ(Mode(own_ + file), 0600u) << file;
  }
  EXPECT_EQ(Mode(config_), 0600u);
  EXPECT_EQ(Read(own_ + "/known_hosts"), absl::StrCat("[home.example]:2222 ", kHostKey, "\n"));
}

TEST_F(ConfigSshTest, AHandWrittenFileStaysByteForByteAndComesSecond) {
  WriteUserConfig(kMine);
  ASSERT_EQ(Run({"config-ssh"}), 0) << err_;
  EXPECT_THAT(Read(config_), StartsWith("# BEGIN homeport"));
  EXPECT_THAT(Read(config_), EndsWith(absl::StrCat("# END homeport\n", kMine)));
  EXPECT_EQ(Mode(config_), 0640u);
  EXPECT_EQ(Read(config_ + ".homeport-backup"), kMine);
  EXPECT_THAT(AskSsh("dev.homeport"), HasSubstr("\nuser dev\n"));
  EXPECT_THAT(AskSsh("other"), HasSubstr("\nuser me\n"));
  ASSERT_EQ(Run({"config-ssh", "--remove"}), 0) << err_;
  EXPECT_EQ(Read(config_), kMine);
  EXPECT_FALSE(fs::exists(own_));
}

TEST_F(ConfigSshTest, ASecondTimeNothingChanges) {
  WriteUserConfig(kMine);
  ASSERT_EQ(Run({"config-ssh"}), 0) << err_;
  const auto before = Files();
  fs::remove(config_ + ".homeport-backup");
  ASSERT_EQ(Run({"config-ssh"}), 0) << err_;
  EXPECT_EQ(out_, "Nothing to change.\n");
  EXPECT_FALSE(fs::exists(config_ + ".homeport-backup"));
  fs::remove_all(ssh_ + "/none");
  auto after = Files();
  after[config_ + ".homeport-backup"] = kMine;
  EXPECT_EQ(after, before);
  EXPECT_EQ(world_.downloads, 1);
}

TEST_F(ConfigSshTest, LookingWritesNothing) {
  WriteUserConfig(kMine);
  const auto before = Files();
  ASSERT_EQ(Run({"config-ssh", "--dry-run"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr(absl::StrCat("Would create ", own_, "/config\n")));
  EXPECT_THAT(out_, HasSubstr(absl::StrCat("Would change ", config_, "\n")));
  ASSERT_EQ(Run({"config-ssh", "--diff"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr(absl::StrCat("\n+Include ", own_, "/config\n")));
  EXPECT_THAT(out_, HasSubstr("\n+Host dev.homeport\n"));
  EXPECT_EQ(Files(), before);
  EXPECT_EQ(world_.downloads, 0);
  ASSERT_EQ(Run({"config-ssh"}), 0) << err_;
  const auto written = Files();
  ASSERT_EQ(Run({"config-ssh", "--remove", "--diff"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr(absl::StrCat("\n-Include ", own_, "/config\n")));
  EXPECT_THAT(out_, Not(HasSubstr("BEGIN of users/demo")));
  EXPECT_EQ(Files(), written);
}

TEST_F(ConfigSshTest, OfAFreshHomeNothingIsMadeByLooking) {
  ASSERT_EQ(Run({"config-ssh", "--dry-run"}), 0) << err_;
  EXPECT_FALSE(fs::exists(ssh_));
  ASSERT_EQ(Run({"config-ssh", "--remove"}), 0) << err_;
  EXPECT_EQ(out_, "Nothing to change.\n");
  EXPECT_FALSE(fs::exists(ssh_));
}

TEST_F(ConfigSshTest, AMangledBlockStopsEverything) {
  WriteUserConfig("Host a\n# BEGIN homeport\nInclude homeport/config\n");
  const auto before = Files();
  EXPECT_EQ(Run({"config-ssh"}), 1);
  EXPECT_THAT(err_, HasSubstr("line 2"));
  EXPECT_EQ(Run({"config-ssh", "--remove"}), 1);
  EXPECT_EQ(Files(), before);
}

TEST_F(ConfigSshTest, ALinkedConfigChangesWhereItLies) {
  ASSERT_TRUE(MakeFolder(ssh_, 0700).ok());
  const std::string target = Write("dotfiles-config", kMine);
  ASSERT_EQ(symlink("../dotfiles-config", config_.c_str()), 0);
  ASSERT_EQ(Run({"config-ssh"}), 0) << err_;
  EXPECT_TRUE(fs::is_symlink(config_));
  EXPECT_THAT(Read(target), HasSubstr(absl::StrCat("Include ", own_, "/config\n")));
  ASSERT_EQ(Run({"config-ssh", "--remove"}), 0) << err_;
  EXPECT_TRUE(fs::is_symlink(config_));
  EXPECT_EQ(Read(target), kMine);
}

TEST_F(ConfigSshTest, WhatCannotBeWrittenIsSaid) {
  Write(".ssh", "a file");
  EXPECT_EQ(Run({"config-ssh"}), 1);
  EXPECT_THAT(err_, HasSubstr(ssh_));
  EXPECT_EQ(Read(ssh_), "a file");
}

TEST_F(ConfigSshTest, NothingStrangeOfTheCoordinatorsGetsIn) {
  AddWorkspace("a\nProxyCommand touch x");
  world_.workspaces["users/demo/workspaces/x y"].set_name("users/demo/workspaces/x y");
  world_.workspaces["users/demo/workspaces/z"].set_name("users/evil/workspaces/*");
  ASSERT_EQ(Run({"config-ssh"}), 0) << err_;
  EXPECT_THAT(Read(own_ + "/config"), Not(HasSubstr("ProxyCommand")));
  EXPECT_THAT(Read(own_ + "/config"), Not(HasSubstr("*")));
  EXPECT_THAT(err_, HasSubstr("a\\u{a}ProxyCommand"));
  EXPECT_THAT(err_, HasSubstr("left out"));
  EXPECT_THAT(out_, StartsWith("2 workspaces are"));
  world_.front_door.set_address("evil\nProxyCommand touch x:22");
  EXPECT_EQ(Run({"config-ssh"}), 1);
  world_.front_door.set_address("home.example:2222");
  world_.front_door.add_host_public_keys("ssh-ed25519 A\nevil ssh-ed25519 B");
  EXPECT_EQ(Run({"config-ssh"}), 1);
  EXPECT_THAT(Read(own_ + "/known_hosts"), Not(HasSubstr("evil")));
}

TEST_F(ConfigSshTest, ThoseThatNobodyGetsIntoNowAreSaidAndWritten) {
  AddWorkspace("closed").set_ssh_enabled(false);
  v1::Workspace& away = AddWorkspace("away");
  away.set_online(false);
  away.mutable_last_seen_time()->set_seconds(1700000000);
  ASSERT_EQ(Run({"config-ssh"}), 0);
  EXPECT_EQ(err_,
            "homeport: away is offline; it was last seen 2023-11-14 22:13:20Z.\n"
            "homeport: SSH is disabled on closed.\n");
  EXPECT_THAT(AskSsh("closed.homeport"), HasSubstr("\nhostname home.example\n"));
}

TEST_F(ConfigSshTest, OptionsAreHeard) {
  const std::string key = Write("my key", "-----BEGIN x\n");
  ASSERT_EQ(Run({"config-ssh", "--suffix", "dev.example.com", "--front-door", "127.0.0.1:22",
                 "--identity-file", key, "--no-control-master", "-o", "ForwardAgent yes", "-o",
                 "User=root"}),
            0)
      << err_;
  const std::string ssh = AskSsh("dev.dev.example.com");
  EXPECT_THAT(ssh, HasSubstr("\nhostname 127.0.0.1\n"));
  EXPECT_THAT(ssh, HasSubstr("\nforwardagent yes\n"));
  EXPECT_THAT(ssh, HasSubstr("\nuser root\n"));
  EXPECT_THAT(ssh, HasSubstr(absl::StrCat("\nidentityfile ", key, "\n")));
  EXPECT_THAT(ssh, Not(HasSubstr("\ncontrolpath")));
  EXPECT_EQ(world_.downloads, 0);
}

TEST_F(ConfigSshTest, WithoutAShortPlaceForSocketsConnectionsAreNotShared) {
  unsetenv("XDG_RUNTIME_DIR");
  const std::string home = Path(std::string(100, 'h'));
  ASSERT_TRUE(MakeFolder(home, 0700).ok());
  setenv("HOME", home.c_str(), 1);
  ASSERT_EQ(Run({"config-ssh"}), 0);
  EXPECT_THAT(err_, HasSubstr("too long for shared connections"));
  EXPECT_THAT(Read(home + "/.ssh/homeport/config"), Not(HasSubstr("ControlPath")));
}

TEST_F(ConfigSshTest, AReplacedKeyIsFetched) {
  ASSERT_EQ(Run({"config-ssh"}), 0) << err_;
  world_.users["users/demo"].set_public_key("ssh-ed25519 EEEE demo");
  ASSERT_EQ(Run({"config-ssh"}), 0) << err_;
  EXPECT_THAT(out_, Not(HasSubstr("Nothing")));
  EXPECT_THAT(Read(own_ + "/identity"), HasSubstr("EEEE"));
}

TEST_F(ConfigSshTest, WithoutDownloadsThePersonsOwnKeysDo) {
  world_.download_refused = absl::FailedPreconditionError("The settings forbid it.");
  ASSERT_EQ(Run({"config-ssh"}), 0);
  EXPECT_THAT(err_, HasSubstr("keys add"));
  const std::string ssh = AskSsh("dev.homeport");
  EXPECT_THAT(ssh, HasSubstr("\nidentitiesonly no\n"));
  EXPECT_THAT(ssh, Not(HasSubstr(own_ + "/identity")));
}

}  // namespace
}  // namespace homeport
