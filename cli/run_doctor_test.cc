// homeport doctor on a person's own machine; what answers at the front door is made up.
#include <string>

#include "absl/strings/str_cat.h"
#include "cli/run_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

// A CA that is good from 2020 to 2120.
constexpr char kCa[] = R"(-----BEGIN CERTIFICATE-----
MIIBGjCBwgIBATAKBggqhkjOPQQDAjAZMRcwFQYDVQQDDA5hIENBIGZvciB0ZXN0
czAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowGTEXMBUGA1UEAwwO
YSBDQSBmb3IgdGVzdHMwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQ5UnMa6UBK
sKV0RJTb2/rWdkNubuobjmVQoLS+cmK9iXpgi7eZicHHnq2GFbsb2+5CEkkLwe+1
1kiMemEekhOfMAoGCCqGSM49BAMCA0cAMEQCIAKFGzFzeSnWRvLtdyHT2aQDI8gx
/AiZegxOiEMUV0MHAiAZx68698xX5DpV/pbX0J1/zZJiJ4WqXwJOhwSkRWE7yg==
-----END CERTIFICATE-----
)";

class DoctorTest : public RunTest {
 protected:
  DoctorTest() {
    AddWorkspace("dev");
    Write("ca.pem", kCa);
    InstallProgram("ssh-keyscan", absl::StrCat("echo \"$*\" > ", Path("scanned"),
                                               "\necho '[home.example]:2222 ", kHostKey, "'\n"));
  }
};

TEST_F(DoctorTest, AllIsWellAfterConfigSsh) {
  ASSERT_EQ(Run({"config-ssh"}), 0) << err_;
  EXPECT_EQ(Run({"doctor", "--laptop"}), 0) << out_ << err_;
  EXPECT_THAT(out_, Not(HasSubstr("missing")));
  EXPECT_THAT(out_, Not(HasSubstr("note")));
  EXPECT_THAT(out_, ContainsRegex("ok +token +you are demo"));
  EXPECT_THAT(out_, ContainsRegex("ok +clock"));
  EXPECT_THAT(out_, ContainsRegex("ok +ssh config +current"));
  EXPECT_EQ(Read(Path("scanned")), "-T 5 -p 2222 -- home.example\n");
}

TEST_F(DoctorTest, AnotherHostKeyIsAnAlarm) {
  world_.front_door.clear_host_public_keys();
  world_.front_door.add_host_public_keys("ssh-ed25519 BBBB");
  EXPECT_EQ(Run({"doctor", "--laptop"}), 1);
  EXPECT_THAT(out_, ContainsRegex("missing +front door +home.example:2222 shows another host key"));
}

TEST_F(DoctorTest, ADoorThatDoesNotAnswerIsSaid) {
  InstallProgram("ssh-keyscan", "exit 1\n");
  EXPECT_EQ(Run({"doctor", "--laptop"}), 1);
  EXPECT_THAT(out_, HasSubstr("does not answer as an SSH server"));
}

TEST_F(DoctorTest, WhatConfigSshWouldChangeIsANote) {
  EXPECT_EQ(Run({"doctor", "--laptop"}), 0) << out_;
  EXPECT_THAT(out_, ContainsRegex("note +ssh config +config-ssh was not run here"));
  ASSERT_EQ(Run({"config-ssh"}), 0) << err_;
  AddWorkspace("lab");
  EXPECT_EQ(Run({"doctor", "--laptop"}), 0) << out_;
  EXPECT_THAT(out_, HasSubstr("the workspace lab is not in it"));
  ASSERT_EQ(Run({"config-ssh"}), 0) << err_;
  world_.users["users/demo"].set_public_key("ssh-ed25519 EEEE demo");
  EXPECT_EQ(Run({"doctor", "--laptop"}), 0) << out_;
  EXPECT_THAT(out_, HasSubstr("your assigned key is another now"));
}

TEST_F(DoctorTest, ATokenThatIsNotAcceptedIsTheFirstThingToMend) {
  world_.trouble = absl::UnauthenticatedError("Your sign-in has expired; run homeport login");
  EXPECT_EQ(Run({"doctor", "--laptop"}), 1);
  EXPECT_THAT(out_, HasSubstr("homeport login"));
  EXPECT_THAT(out_, Not(HasSubstr("front door")));
  Write("ca.pem", "hello");
  EXPECT_EQ(Run({"doctor", "--laptop", "--output", "json"}), 1);
  EXPECT_THAT(out_, HasSubstr("is no certificate that can be read"));
  EXPECT_THAT(out_, HasSubstr("\"ok\": false"));
}

}  // namespace
}  // namespace homeport
