// Whole command lines about signing in and what it leaves behind.
#include <filesystem>
#include <string>

#include "cli/run_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class SignInTest : public RunTest {
 protected:
  SignInTest() { ForgetEnvironment(); }

  int Login() {
    return Run({"login", "--coordinator", "home.example:7443", "--ca-file", Path("ca.pem"),
                "--username", "demo", "--password-file",
                Write("password", "correct horse battery\n")});
  }

  const std::string config_ = Path(".config/homeport");
};

TEST_F(SignInTest, AfterwardsNothingNeedsToBeSaid) {
  ASSERT_EQ(Login(), 0) << err_;
  EXPECT_EQ(out_, "Signed in at home.example:7443 as demo (member) until 2096-10-02 07:06:40Z.\n");
  EXPECT_THAT(out_ + err_, Not(HasSubstr("token-of-sign-in")));
  EXPECT_EQ(Mode(config_), 0700u);
  EXPECT_EQ(Mode(config_ + "/sign-in.json"), 0600u);
  EXPECT_EQ(Read(config_ + "/ca.pem"), Read(Path("ca.pem")));
  ASSERT_EQ(Run({"whoami"}), 0) << err_;
  EXPECT_EQ(world_.connected_with.address, "home.example:7443");
  EXPECT_EQ(world_.connected_with.ca_file, config_ + "/ca.pem");
  EXPECT_EQ(world_.connected_with.token, "token-of-sign-in");
}

TEST_F(SignInTest, AWrongPasswordLeavesNothing) {
  world_.password = "another";
  EXPECT_EQ(Login(), 77);
  EXPECT_THAT(err_, HasSubstr("do not fit"));
  EXPECT_FALSE(std::filesystem::exists(config_ + "/sign-in.json"));
}

TEST_F(SignInTest, ACodeSignsInToo) {
  ASSERT_EQ(Run({"login", "--coordinator", "home.example:7443", "--ca-file", Path("ca.pem"),
                 "--code-file", Write("code", "one-time\n")}),
            0)
      << err_;
  ASSERT_EQ(Run({"whoami"}), 0) << err_;
}

TEST_F(SignInTest, WithoutACaNobodyIsTrusted) {
  EXPECT_EQ(Run({"login", "--coordinator", "home.example:7443", "--username", "demo"}), 64);
  EXPECT_THAT(err_, HasSubstr("--ca-file"));
  EXPECT_EQ(world_.connected_with.address, "");
  EXPECT_EQ(
      Run({"login", "--coordinator", "home.example:7443", "--ca-file", Write("none.pem", "hello\n"),
           "--username", "demo", "--password-file", Write("password", "correct horse battery\n")}),
      64);
  EXPECT_FALSE(std::filesystem::exists(config_ + "/sign-in.json"));
}

TEST_F(SignInTest, TheFirstSiteManagerIsMadeOnce) {
  world_.set_up_needed = true;
  EXPECT_EQ(Login(), 1);
  EXPECT_THAT(err_, HasSubstr("--setup"));
  const std::vector<std::string> set_up = {
      "login",           "--setup",
      "--coordinator",   "home.example:7443",
      "--ca-file",       Path("ca.pem"),
      "--username",      "boss",
      "--email",         "boss@example.com",
      "--code-file",     Write("code", "set-up\n"),
      "--password-file", Write("password", "correct horse battery\n")};
  ASSERT_EQ(Run(set_up), 0) << err_;
  EXPECT_EQ(world_.set_up.set_up_code(), "set-up");
  EXPECT_EQ(world_.set_up.user_id(), "boss");
  EXPECT_EQ(world_.set_up.email(), "boss@example.com");
  EXPECT_EQ(world_.set_up.password(), "correct horse battery");
  EXPECT_THAT(Read(config_ + "/sign-in.json"), HasSubstr("users/boss"));
  world_.set_up_needed = false;
  EXPECT_EQ(Run(set_up), 1);
  EXPECT_THAT(err_, HasSubstr("set up already"));
}

TEST_F(SignInTest, LogoutRevokesAndForgets) {
  ASSERT_EQ(Login(), 0) << err_;
  ASSERT_EQ(Run({"logout"}), 0) << err_;
  EXPECT_EQ(world_.signed_out, 1);
  EXPECT_EQ(world_.connected_with.token, "token-of-sign-in");
  EXPECT_THAT(Read(config_ + "/sign-in.json"), Not(HasSubstr("token-of-sign-in")));
  EXPECT_EQ(Run({"whoami"}), 64);
  EXPECT_THAT(err_, HasSubstr("homeport login"));
  ASSERT_EQ(Run({"logout"}), 0) << err_;
  EXPECT_EQ(world_.signed_out, 1);
  ASSERT_EQ(Login(), 0) << err_;
  world_.sign_out = absl::UnavailableError("cannot reach it");
  EXPECT_EQ(Run({"logout"}), 69);
  EXPECT_THAT(err_, HasSubstr("could not be revoked"));
  EXPECT_THAT(Read(config_ + "/sign-in.json"), Not(HasSubstr("token-of-sign-in")));
}

TEST_F(SignInTest, WhatIsNamedGoesBeforeWhatIsStored) {
  ASSERT_EQ(Login(), 0) << err_;
  ASSERT_EQ(Run({"whoami", "--coordinator", "other:1"}), 0) << err_;
  EXPECT_EQ(world_.connected_with.address, "other:1");
  EXPECT_EQ(world_.connected_with.token, "token-of-sign-in");  // the same CA vouches for it
  ASSERT_EQ(Run({"whoami", "--ca-file", Path("ca.pem")}), 0) << err_;
  EXPECT_EQ(world_.connected_with.token, "token-of-sign-in");
  ASSERT_EQ(Run({"whoami", "--token-file", Write("token", "named\n")}), 0) << err_;
  EXPECT_EQ(world_.connected_with.token, "named");
}

TEST_F(SignInTest, AStoredTokenGoesToNoOtherCoordinator) {
  ASSERT_EQ(Login(), 0) << err_;
  world_.connected_with = {};
  const std::string other = Write("other.pem", "-----BEGIN CERTIFICATE-----\nother\n");
  EXPECT_EQ(Run({"whoami", "--coordinator", "other:1", "--ca-file", other}), 64);
  EXPECT_EQ(world_.connected_with.token, "");
  EXPECT_THAT(err_, HasSubstr("other.pem"));
}

TEST_F(SignInTest, AnExpiredSignInSaysSo) {
  ASSERT_EQ(Login(), 0) << err_;
  ASSERT_EQ(Run({"whoami"}), 0) << err_;
  EXPECT_EQ(world_.connected_with.token_refused,
            "Your sign-in is no longer accepted; run homeport login");
  std::string stored = Read(config_ + "/sign-in.json");
  stored.replace(stored.find("2096"), 4, "2020");
  Write(".config/homeport/sign-in.json", stored);
  ASSERT_EQ(Run({"whoami"}), 0) << err_;
  EXPECT_EQ(world_.connected_with.token_refused, "Your sign-in has expired; run homeport login");
}

}  // namespace
}  // namespace homeport
