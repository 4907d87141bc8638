#include "coordinator/login_name.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Read(absl::string_view login, absl::string_view user) {
  const absl::StatusOr<std::vector<LoginReading>> readings = ReadLoginName(login, user);
  EXPECT_TRUE(readings.ok()) << readings.status();
  std::vector<std::string> all;
  if (!readings.ok()) return all;
  for (const LoginReading& r : *readings) all.push_back(absl::StrCat(r.owner, "/", r.workspace));
  return all;
}

TEST(LoginNameTest, ReadsTheThreeForms) {
  EXPECT_THAT(Read("dev", "demo"), ElementsAre("demo/dev"));
  EXPECT_THAT(Read("demo/dev", "demo"), ElementsAre("demo/dev"));
  EXPECT_THAT(Read("demo-dev", "demo"), ElementsAre("demo/demo-dev", "demo/dev"));
}

TEST(LoginNameTest, HyphensInNamesAreReadBothWays) {
  EXPECT_THAT(Read("a-b-c", "a-b"), ElementsAre("a-b/a-b-c", "a-b/c"));
  EXPECT_THAT(Read("a-b-c", "a"), ElementsAre("a/a-b-c", "a/b-c"));
  EXPECT_THAT(Read("demo--dev", "demo"), ElementsAre("demo/demo--dev"));
  EXPECT_THAT(Read("demo", "demo"), ElementsAre("demo/demo"));
}

TEST(LoginNameTest, OthersNamesStayTheirs) {
  EXPECT_THAT(Read("eve/dev", "demo"), ElementsAre("eve/dev"));
  EXPECT_THAT(Read("eve-dev", "demo"), ElementsAre("demo/eve-dev"));
}

TEST(LoginNameTest, TheLongestNames) {
  const std::string user(63, 'u'), workspace(63, 'w');
  EXPECT_THAT(Read(user + "-" + workspace, user), ElementsAre(user + "/" + workspace));
  EXPECT_THAT(Read(user + "/" + workspace, user), ElementsAre(user + "/" + workspace));
}

TEST(LoginNameTest, RefusesWhatNamesNoWorkspace) {
  for (const std::string& bad :
       {std::string(), std::string("Dev"), std::string("a b"), std::string("a\0b", 3),
        std::string("/"), std::string("/dev"), std::string("demo/"), std::string("a/b/c"),
        std::string("-dev"), std::string("dev-"), std::string("../dev"), std::string("d\xc3\xa9v"),
        std::string("demo-"), std::string(131, 'a'), std::string(64, 'a')}) {
    const absl::Status status = ReadLoginName(bad, "demo").status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << bad;
    EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("demo/WORKSPACE"));
    EXPECT_LT(status.message().size(), 400u);
  }
}

}  // namespace
}  // namespace homeport
