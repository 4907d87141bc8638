// Whole command lines that end in ssh or rsync: fakes of them write down how they were called.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/run_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Words = std::vector<std::string>;

class SshTest : public RunTest {
 protected:
  SshTest() {
    AddWorkspace("dev");
    // One argument in a line.
    const std::string record = absl::StrCat("printf '%s\\n' \"$@\" > ", Path("argv"), "\n");
    InstallProgram("ssh", record + "exit 7\n");
    InstallProgram("rsync", record + "exit 23\n");
  }

  // The words behind the destination.
  Words Behind(const std::string& destination) const {
    const auto found = std::find(became_.begin(), became_.end(), destination);
    return found == became_.end() ? Words{"no destination"} : Words(found + 1, became_.end());
  }

  const std::string folder_of_ssh_ = Path(".config/homeport/ssh");
};

TEST_F(SshTest, SshGetsItsWordsAndItsStatusBack) {
  EXPECT_EQ(Run({"ssh", "-L", "8080:localhost:80", "-oCompression=yes", "dev", "echo", "a b",
                 "$HOME", "--", "-x"}),
            7)
      << err_;
  EXPECT_THAT(Behind("dev.homeport"), ElementsAre("echo", "a b", "$HOME", "--", "-x"));
  EXPECT_EQ(Words(became_.begin(), became_.begin() + 6),
            (Words{"ssh", "-F", "none", "-L", "8080:localhost:80", "-oCompression=yes"}));
  EXPECT_THAT(Read(Path("argv")), HasSubstr("\na b\n$HOME\n--\n-x\n"));
  EXPECT_THAT(became_, Contains("-oHostName=home.example"));
  EXPECT_THAT(became_, Contains("-oPort=2222"));
  EXPECT_THAT(became_, Contains("-oUser=dev"));
  EXPECT_THAT(became_, Contains("-oStrictHostKeyChecking=yes"));
  EXPECT_THAT(became_, Contains(absl::StrCat("-oIdentityFile=", folder_of_ssh_, "/identity")));
  EXPECT_EQ(Read(folder_of_ssh_ + "/known_hosts"),
            absl::StrCat("[home.example]:2222 ", kHostKey, "\n"));
  EXPECT_EQ(Mode(folder_of_ssh_), 0700u);
  EXPECT_EQ(Mode(folder_of_ssh_ + "/identity"), 0600u);
  EXPECT_EQ(err_, "");
}

TEST_F(SshTest, GlobalOptionsStandBeforeIt) {
  EXPECT_EQ(Run({"--coordinator", "other:1", "ssh", "dev", "--output", "json"}), 7) << err_;
  EXPECT_EQ(world_.connected_with.address, "other:1");
  EXPECT_THAT(Behind("dev.homeport"), ElementsAre("--output", "json"));
}

TEST_F(SshTest, TheKeyIsFetchedAgainWhenItIsAnother) {
  EXPECT_EQ(Run({"ssh", "dev"}), 7) << err_;
  EXPECT_EQ(Run({"ssh", "dev"}), 7) << err_;
  EXPECT_EQ(world_.downloads, 1);
  world_.users["users/demo"].set_public_key("ssh-ed25519 EEEE demo");
  world_.front_door.set_address("moved.example:22");
  EXPECT_EQ(Run({"ssh", "dev"}), 7) << err_;
  EXPECT_EQ(world_.downloads, 2);
  EXPECT_THAT(Read(folder_of_ssh_ + "/identity"), HasSubstr("EEEE"));
  EXPECT_EQ(Read(folder_of_ssh_ + "/known_hosts"), absl::StrCat("moved.example ", kHostKey, "\n"));
}

TEST_F(SshTest, AKeyThatMustNotBeDownloadedIsNotMissed) {
  world_.download_refused = absl::FailedPreconditionError("The settings forbid it.");
  EXPECT_EQ(Run({"ssh", "dev"}), 7) << err_;
  EXPECT_THAT(err_, HasSubstr("keys add"));
  EXPECT_THAT(became_, Not(Contains(StartsWith("-oIdentit"))));
}

TEST_F(SshTest, OneSentenceSaysWhyNot) {
  world_.workspaces["users/demo/workspaces/dev"].set_ssh_enabled(false);
  EXPECT_EQ(Run({"ssh", "dev"}), 255);
  EXPECT_EQ(err_, "homeport: SSH is disabled on this workspace\n");
  v1::Workspace& lab = AddWorkspace("lab");
  lab.set_online(false);
  lab.mutable_last_seen_time()->set_seconds(1700000000);
  EXPECT_EQ(Run({"ssh", "lab"}), 255);
  EXPECT_EQ(err_, "homeport: lab is offline; it was last seen 2023-11-14 22:13:20Z\n");
  EXPECT_EQ(Run({"ssh", "nowhere"}), 255);
  EXPECT_EQ(err_, "homeport: there is no users/demo/workspaces/nowhere\n");
  EXPECT_EQ(Run({"ssh"}), 255);
  EXPECT_THAT(err_, HasSubstr("which workspace?"));
  EXPECT_EQ(Run({"ssh", "-v", "Not A Name"}), 255);
  EXPECT_TRUE(became_.empty());
}

TEST_F(SshTest, WithoutSshItSaysSo) {
  setenv("PATH", "/nowhere", 1);
  EXPECT_EQ(Run({"ssh", "dev"}), 255);
  EXPECT_THAT(err_, HasSubstr("there is no ssh on this machine"));
}

TEST_F(SshTest, NothingThatTheCoordinatorSaysBecomesAnOption) {
  for (const char* address : {"-oProxyCommand=touch x:22", "a b:22", "a\nb:22", ""}) {
    world_.front_door.set_address(address);
    EXPECT_EQ(Run({"ssh", "dev"}), 255) << address;
  }
  world_.front_door.set_address("home.example:2222");
  world_.front_door.add_host_public_keys("ssh-ed25519 AAAA\n* ssh-ed25519 BBBB");
  EXPECT_EQ(Run({"ssh", "dev"}), 255);
  EXPECT_TRUE(became_.empty());
}

TEST_F(SshTest, APersonsFrontDoorGoesFirst) {
  setenv("HOMEPORT_FRONT_DOOR", "127.0.0.1:2022", 1);
  EXPECT_EQ(Run({"ssh", "dev"}), 7) << err_;
  EXPECT_THAT(became_, Contains("-oHostName=127.0.0.1"));
  EXPECT_EQ(Run({"ssh", "--front-door", "127.0.0.2:3", "-v", "dev"}), 7) << err_;
  EXPECT_THAT(became_, Contains("-oHostName=127.0.0.2"));
  EXPECT_THAT(became_, Contains("-v"));
}

TEST_F(SshTest, RsyncIsToldToUseSsh) {
  EXPECT_EQ(Run({"sync", "-", "dev:a b", "--", "--delete", "-n"}), 23) << err_;
  ASSERT_EQ(became_.size(), 9u);
  EXPECT_EQ(became_[0], "rsync");
  EXPECT_EQ(became_[1], "-a");
  EXPECT_EQ(became_[2], "-e");
  EXPECT_THAT(became_[3], StartsWith("ssh -F none '-oHostName=home.example' '-oPort=2222' "));
  EXPECT_EQ(Words(became_.begin() + 4, became_.end()),
            (Words{"--delete", "-n", "--", "-", "dev.homeport:a b"}));
  EXPECT_EQ(Run({"sync", "demo/dev:/x", "./y:z"}), 23) << err_;
  EXPECT_EQ(became_.at(5), "dev.homeport:/x");
  EXPECT_EQ(became_.at(6), "./y:z");
  EXPECT_EQ(Run({"sync", "dev:a", "dev:b"}), 64);
  world_.workspaces["users/demo/workspaces/dev"].set_ssh_enabled(false);
  EXPECT_EQ(Run({"sync", "a", "dev:b"}), 1);
  EXPECT_EQ(err_, "homeport: SSH is disabled on this workspace\n");
}

TEST_F(SshTest, WithoutRsyncItSaysSo) {
  std::filesystem::remove(Path("programs/rsync"));
  setenv("PATH", Path("programs").c_str(), 1);
  EXPECT_EQ(Run({"sync", "a", "dev:b"}), 1);
  EXPECT_THAT(err_, HasSubstr("there is no rsync on this machine"));
}

// The real rsync splits the words as it should, also in a home with blanks and quotes.
TEST_F(SshTest, TheRealRsyncCallsSshAsItShould) {
  if (!std::filesystem::exists("/usr/bin/rsync")) GTEST_SKIP() << "there is no rsync";
  std::filesystem::remove(Path("programs/rsync"));
  setenv("XDG_CONFIG_HOME", Path("a config").c_str(), 1);
  std::filesystem::create_directory(Path("a config"));
  Write("file", "content");
  EXPECT_NE(Run({"sync", Path("file"), "dev:to"}), 0);
  const std::string argv = Read(Path("argv"));
  EXPECT_THAT(argv, HasSubstr(absl::StrCat("\n-oIdentityFile=\"", Path("a config"),
                                           "/homeport/ssh/identity\"\n")));
  EXPECT_THAT(argv, HasSubstr("\ndev.homeport\nrsync\n--server\n"));
}

}  // namespace
}  // namespace homeport
