// Whole command lines about keys.
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/run_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(RunTest, ThePrivateKeyIsTheOwnersFile) {
  const std::string file = Path("key");
  ASSERT_EQ(Run({"keys", "download", "--file", file}), 0) << err_;
  EXPECT_EQ(Read(file), "-----BEGIN of users/demo ssh-ed25519 AAAA demo-----\n");
  EXPECT_EQ(Run({"keys", "download", "--file", file}), 1);
  EXPECT_THAT(err_, HasSubstr("--force"));
  EXPECT_EQ(Run({"keys", "download", "--file", file, "--force"}), 0) << err_;
  ASSERT_EQ(Run({"keys", "download", "--file", "-"}), 0) << err_;
  EXPECT_EQ(out_, "-----BEGIN of users/demo ssh-ed25519 AAAA demo-----\n");
  ASSERT_EQ(Run({"keys", "download"}), 0) << err_;
  EXPECT_TRUE(std::filesystem::exists(Path(".ssh/homeport_demo")));
}

TEST_F(RunTest, PublicKeysAreLinesForOtherPrograms) {
  ASSERT_EQ(Run({"keys", "show"}), 0) << err_;
  EXPECT_EQ(out_, "ssh-ed25519 AAAA demo\n");
  EXPECT_EQ(Run({"keys", "show", "nobody"}), 2);
  ASSERT_EQ(Run({"front-door"}), 0) << err_;
  EXPECT_EQ(out_, absl::StrCat(kHostKey, "\n"));
  ASSERT_EQ(Run({"front-door", "--known-hosts", "127.0.0.1", "2222"}), 0) << err_;
  EXPECT_EQ(out_, absl::StrCat("[127.0.0.1]:2222 ", kHostKey, "\n"));
}

TEST_F(RunTest, OwnKeysComeAndGo) {
  const std::string file = Write("key.pub", "ssh-ed25519 DDDD me@laptop\n");
  ASSERT_EQ(Run({"keys", "add", file, "--name", "laptop"}), 0) << err_;
  EXPECT_EQ(world_.keys["users/demo/publicKeys/k1"].public_key(), "ssh-ed25519 DDDD me@laptop");
  ASSERT_EQ(Run({"keys", "list"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("assigned"));
  EXPECT_THAT(out_, HasSubstr("laptop"));
  EXPECT_EQ(Run({"keys", "remove", "desk"}), 2);
  world_.effect.set_ended_sessions(2);
  ASSERT_EQ(Run({"keys", "remove", "laptop"}), 0) << err_;
  EXPECT_EQ(out_, "Deleted users/demo/publicKeys/k1.\n2 sessions ended.\n");
  EXPECT_TRUE(world_.keys.empty());
}

TEST_F(RunTest, OfTwoKeysWithOneNameNoneIsRemoved) {
  const std::string file = Write("key.pub", "ssh-ed25519 DDDD me@laptop\n");
  ASSERT_EQ(Run({"keys", "add", file, "--name", "laptop"}), 0) << err_;
  ASSERT_EQ(Run({"keys", "add", file, "--name", "laptop"}), 0) << err_;
  EXPECT_EQ(Run({"keys", "remove", "laptop"}), 64);
  EXPECT_EQ(world_.keys.size(), 2u);
  EXPECT_EQ(Run({"keys", "remove", "k2"}), 0) << err_;
  EXPECT_EQ(world_.keys.count("users/demo/publicKeys/k1"), 1u);
}

TEST_F(RunTest, APrivateKeyIsNeverAdded) {
  const std::string file = Write("key", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n");
  EXPECT_EQ(Run({"keys", "add", file}), 64);
  EXPECT_THAT(err_, HasSubstr("private key"));
  EXPECT_EQ(Run({"keys", "add", Write("two", "ssh-ed25519 A\nssh-ed25519 B\n")}), 64);
  EXPECT_TRUE(world_.keys.empty());
}

TEST_F(RunTest, AKeyIsReplacedWhenOneIsSure) {
  world_.effect.set_ended_sessions(1);
  ASSERT_EQ(Run({"keys", "regenerate", "--yes"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("ssh-ed25519 BBBB new"));
  EXPECT_THAT(out_, HasSubstr("1 session ended."));
  EXPECT_THAT(err_, HasSubstr("config-ssh"));
}

}  // namespace
}  // namespace homeport
