// What a real ssh makes of the entries.
#include "cli/openssh/host_entries.h"

#include <stdio.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Keyword and value as `ssh -G` prints them, after a line break.
std::string AskSsh(const std::string& config, const std::string& host) {
  std::string pattern = ::testing::TempDir() + "/entries-XXXXXX";
  const std::string folder = mkdtemp(pattern.data());
  const std::string file = folder + "/config";
  EXPECT_TRUE(WriteFileAtomically(file, config, 0600).ok());
  std::string output = "\n";
  FILE* pipe = popen(absl::StrCat("ssh -G -F ", file, " ", host, " 2>&1").c_str(), "r");
  char buffer[4096];
  size_t n = 0;
  while ((n = fread(buffer, 1, sizeof(buffer), pipe)) > 0) output.append(buffer, n);
  EXPECT_EQ(pclose(pipe), 0) << output;
  std::filesystem::remove_all(folder);
  return output;
}

HostEntries Entries() {
  HostEntries entries;
  entries.user = "demo";
  entries.workspaces = {"lab", "dev", "demo-dev"};
  entries.suffix = "homeport";
  entries.front_door = {"home.example", 2222};
  entries.paths = {"/home/a b/.ssh/homeport/known_hosts", "/home/a b/.ssh/homeport/identity",
                   "/home/a b/.ssh/homeport/%C"};
  return entries;
}

TEST(HostEntriesTest, SshGetsToTheWorkspaceThroughTheFrontDoor) {
  const std::string ssh = AskSsh(FormatHostEntries(Entries()), "dev.homeport");
  EXPECT_THAT(ssh, HasSubstr("\nhostname home.example\n"));
  EXPECT_THAT(ssh, HasSubstr("\nport 2222\n"));
  EXPECT_THAT(ssh, HasSubstr("\nuser dev\n"));
  EXPECT_THAT(ssh, HasSubstr("\nidentityfile /home/a b/.ssh/homeport/identity\n"));
  EXPECT_THAT(ssh, HasSubstr("\nidentitiesonly yes\n"));
  EXPECT_THAT(ssh, HasSubstr("\nuserknownhostsfile /home/a b/.ssh/homeport/known_hosts\n"));
  EXPECT_THAT(ssh, HasSubstr("\nglobalknownhostsfile /dev/null\n"));
  EXPECT_THAT(ssh, HasSubstr("\nstricthostkeychecking true\n"));
  EXPECT_THAT(ssh, HasSubstr("\ncontrolmaster auto\n"));
  EXPECT_THAT(ssh, ::testing::ContainsRegex("\ncontrolpath /home/a b/.ssh/homeport/[0-9a-f]{40}"));
  EXPECT_THAT(ssh, HasSubstr("\ncontrolpersist 600\n"));
  EXPECT_THAT(AskSsh(FormatHostEntries(Entries()), "demo-dev.homeport"),
              HasSubstr("\nuser demo/demo-dev\n"));
  EXPECT_THAT(AskSsh(FormatHostEntries(Entries()), "other.homeport"),
              HasSubstr("\nhostname other.homeport\n"));
}

TEST(HostEntriesTest, ThePersonsOwnLinesWin) {
  HostEntries entries = Entries();
  entries.first_lines = {"ForwardAgent yes", "ControlMaster=no", "Port 7"};
  const std::string ssh = AskSsh(FormatHostEntries(entries), "dev.homeport");
  EXPECT_THAT(ssh, HasSubstr("\nforwardagent yes\n"));
  EXPECT_THAT(ssh, HasSubstr("\ncontrolmaster false\n"));
  EXPECT_THAT(ssh, HasSubstr("\nport 7\n"));
}

TEST(HostEntriesTest, WithoutAnIdentitySshUsesThePersonsOwnKeys) {
  HostEntries entries = Entries();
  entries.paths.identity.clear();
  entries.paths.control_path.clear();
  const std::string ssh = AskSsh(FormatHostEntries(entries), "dev.homeport");
  EXPECT_THAT(ssh, HasSubstr("\nidentitiesonly no\n"));
  EXPECT_THAT(ssh, Not(HasSubstr("controlpath")));
}

TEST(HostEntriesTest, EntriesAreSorted) {
  const std::string text = FormatHostEntries(Entries());
  EXPECT_LT(text.find("Host demo-dev."), text.find("Host dev."));
  EXPECT_LT(text.find("Host dev."), text.find("Host lab."));
}

TEST(HostEntriesTest, OptionsAndSuffixesThatAreNoneAreRefused) {
  for (const char* good : {"ForwardAgent yes", "Port=3", "SetEnv A=\"b c\""}) {
    EXPECT_TRUE(CheckOptionLine(good).ok()) << good;
  }
  for (const char* bad : {"", "Port", " Port 3", "Port 3\nHost *", "Host *", "match all",
                          "INCLUDE /x", "Port\t3", "-v", "# x", "Port 3\r"}) {
    EXPECT_FALSE(CheckOptionLine(bad).ok()) << bad;
  }
  EXPECT_TRUE(CheckSuffix("homeport").ok());
  EXPECT_TRUE(CheckSuffix("dev.example.com").ok());
  for (const char* bad : {"", ".", "a..b", "*", "a b", "a\n", "-a", "Home"}) {
    EXPECT_FALSE(CheckSuffix(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace homeport
