// Whole command lines: what is wrong with them, and what holds for all of them.
#include <string>
#include <vector>

#include "base/file.h"
#include "cli/run_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST_F(RunTest, AloneItPrintsHelp) {
  EXPECT_EQ(Run({}), 0);
  EXPECT_THAT(out_, HasSubstr("workspaces"));
  EXPECT_EQ(err_, "");
}

TEST_F(RunTest, MistakesOnTheCommandLineAreUsage) {
  for (const std::vector<std::string>& bad : std::vector<std::vector<std::string>>{
           {"frobnicate"},
           {"users"},
           {"users", "get"},
           {"users", "get", "Demo"},
           {"users", "create", "x"},
           {"users", "create", "x", "--email", "x@y", "--role", "king"},
           {"users", "update", "x"},
           {"users", "update", "x", "--suspend", "--activate"},
           {"whoami", "--output", "xml"},
           {"whoami", "--timeout", "soon"},
           {"whoami", "--timeout", "0s"},
           {"whoami", "--coordinator", "nowhere"},
           {"providers", "update", "local"},
           {"providers", "update", "local", "--key-socket", "maybe"},
           {"workspaces", "update", "dev"},
           {"workspaces", "update", "dev", "--backend", "telnet"},
           {"workspaces", "update", "dev", "--cpu-limit", "many"},
           {"workspaces", "update", "dev", "--memory-limit", "4GB"},
           {"workspaces", "rotate-credential", "dev", "--keep-old", "soon"},
           {"tokens", "create", "x", "--expires-in", "never"},
           {"tokens", "revoke", "users/demo/things/x"},
           {"sessions", "end"},
           {"sessions", "end", "a/b"},
           {"settings", "update"},
           {"settings", "update", "--private-key-download", "perhaps"},
           {"audit", "list", "--since", "yesterday"},
           {"completion", "csh"},
           {"sync", "a", "b"},
           {"sync", "dev:a", "dev:b"},
           {"config-ssh", "--suffix", "a b"},
           {"config-ssh", "-o", "Host *"},
           {"audit"},
           {"audit", "list", "--limit", "0"},
           {"front-door", "--known-hosts", "host"},
           {"front-door", "--known-hosts", "host", "ssh"},
           {"workspaces", "get", "demo/dev", "--owner", "other"}}) {
    EXPECT_EQ(Run(bad), 64) << bad[0] << " " << bad.back();
    EXPECT_THAT(err_, StartsWith("homeport: "));
    EXPECT_EQ(out_, "");
  }
}

TEST_F(RunTest, WhatIsMissingIsAskedFor) {
  unsetenv("HOMEPORT_COORDINATOR");
  EXPECT_EQ(Run({"whoami"}), 64);
  EXPECT_THAT(err_, HasSubstr("--coordinator"));
  setenv("HOMEPORT_COORDINATOR", "127.0.0.1:7443", 1);
  unsetenv("HOMEPORT_TOKEN");
  EXPECT_EQ(Run({"whoami"}), 64);
  EXPECT_THAT(err_, HasSubstr("--token-file"));
  EXPECT_THAT(err_, HasSubstr("homeport login"));
  unsetenv("HOMEPORT_CA");
  EXPECT_EQ(Run({"whoami"}), 64);
  EXPECT_THAT(err_, HasSubstr("--ca-file"));
  EXPECT_THAT(err_, HasSubstr("ca.pem"));
}

TEST_F(RunTest, ACommandsNameIsANameToo) {
  world_.users["users/users"].set_name("users/users");
  world_.users["users/users"].set_public_key("ssh-ed25519 CCCC users");
  ASSERT_EQ(Run({"keys", "show", "users"}), 0) << err_;
  EXPECT_EQ(out_, "ssh-ed25519 CCCC users\n");
}

TEST_F(RunTest, TheTokenComesFromTheFileThenFromTheEnvironment) {
  setenv("HOMEPORT_ADMIN_TOKEN", "token-of-admin", 1);
  ASSERT_EQ(Run({"whoami"}), 0) << err_;
  EXPECT_EQ(world_.connected_with.token, "token-of-demo");
  unsetenv("HOMEPORT_TOKEN");
  ASSERT_EQ(Run({"whoami"}), 0) << err_;
  EXPECT_EQ(world_.connected_with.token, "token-of-admin");
  const std::string file = Path("token");
  ASSERT_TRUE(WriteFileAtomically(file, "token-of-file\n", 0600).ok());
  ASSERT_EQ(Run({"whoami", "--token-file", file}), 0) << err_;
  EXPECT_EQ(world_.connected_with.token, "token-of-file");
}

TEST_F(RunTest, ATokenThatOthersReadOrThatIsNoneIsRefused) {
  const std::string file = Path("token");
  ASSERT_TRUE(WriteFileAtomically(file, "token\n", 0644).ok());
  EXPECT_EQ(Run({"whoami", "--token-file", file}), 1);
  EXPECT_THAT(err_, HasSubstr("chmod 600"));
  EXPECT_EQ(Run({"whoami", "--token-file", Path("none")}), 1);
  setenv("HOMEPORT_TOKEN", "two\nlines", 1);
  EXPECT_EQ(Run({"whoami"}), 64);
  EXPECT_THAT(err_, Not(HasSubstr("lines")));
}

TEST_F(RunTest, GlobalOptionsStandAnywhere) {
  ASSERT_EQ(Run({"whoami", "--coordinator", "h:1", "--timeout", "1m"}), 0) << err_;
  EXPECT_EQ(world_.connected_with.address, "h:1");
  EXPECT_EQ(world_.connected_with.timeout, absl::Minutes(1));
  ASSERT_EQ(Run({"--coordinator", "h:2", "whoami"}), 0) << err_;
  EXPECT_EQ(world_.connected_with.address, "h:2");
}

TEST_F(RunTest, ListsAreTablesOrArrays) {
  ASSERT_EQ(Run({"users", "create", "new", "--email", "n@example.com", "--role", "member", "--role",
                 "site-manager"}),
            0)
      << err_;
  ASSERT_EQ(Run({"users", "list"}), 0) << err_;
  EXPECT_EQ(out_,
            "NAME  EMAIL             ROLES                 STATE        LAST SIGN-IN  CREATED\n"
            "demo  demo@example.com  member                unspecified  -             -\n"
            "new   n@example.com     member, site-manager  unspecified  -             -\n");
  ASSERT_EQ(Run({"--output", "json", "providers", "list"}), 0) << err_;
  EXPECT_EQ(out_, "[]\n");
}

TEST_F(RunTest, WhatTheCoordinatorSaysCannotDriveTheTerminal) {
  world_.providers["providers/local"].set_display_name("\x1b]0;gotcha\x07");
  ASSERT_EQ(Run({"providers", "list"}), 0) << err_;
  EXPECT_THAT(out_, Not(HasSubstr("\x1b")));
  world_.caller = "users/\x1b[2J";
  EXPECT_EQ(Run({"whoami"}), 2);
  EXPECT_THAT(err_, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace homeport
