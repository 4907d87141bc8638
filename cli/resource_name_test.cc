#include "cli/resource_name.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;

TEST(ResourceNameTest, UsersAndProvidersAreTakenShortAndLong) {
  EXPECT_EQ(*ParseUserId("demo"), "demo");
  EXPECT_EQ(*ParseUserId("users/demo"), "demo");
  EXPECT_EQ(*ParseProviderId("local"), "local");
  EXPECT_EQ(*ParseProviderId("providers/local"), "local");
}

TEST(ResourceNameTest, NamesThatAreNoLabelsAreNamed) {
  for (const char* bad :
       {"", "users/", "Demo", "de mo", "-demo", "users/users/demo", "providers/demo", "demo/dev"}) {
    const absl::StatusOr<std::string> parsed = ParseUserId(bad);
    ASSERT_FALSE(parsed.ok()) << bad;
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument) << bad;
  }
  EXPECT_THAT(std::string(ParseUserId("Demo").status().message()),
              HasSubstr("\"Demo\" is no name of a user"));
  EXPECT_THAT(std::string(ParseUserId("a\x1b[2J").status().message()), Not(HasSubstr("\x1b")));
}

TEST(ResourceNameTest, WorkspacesAreTakenInThreeForms) {
  EXPECT_EQ(ParseWorkspace("dev")->owner, "");
  EXPECT_EQ(ParseWorkspace("dev")->workspace, "dev");
  for (const char* text : {"demo/dev", "users/demo/workspaces/dev"}) {
    EXPECT_EQ(ParseWorkspace(text)->owner, "demo") << text;
    EXPECT_EQ(ParseWorkspace(text)->workspace, "dev") << text;
  }
}

TEST(ResourceNameTest, WorkspacesThatAreNoneAreRefused) {
  for (const char* bad :
       {"", "/", "/dev", "demo/", "a/b/c", "users/demo/dev", "users/demo/things/dev",
        "x/demo/workspaces/dev", "users//workspaces/dev", "users/demo/workspaces/", "a/b/c/d/e"}) {
    EXPECT_EQ(ParseWorkspace(bad).status().code(), absl::StatusCode::kInvalidArgument) << bad;
  }
}

TEST(ResourceNameTest, PartsComeBack) {
  EXPECT_EQ(LastPart(WorkspaceName("demo", "dev")), "dev");
  EXPECT_EQ(OwnerPart(WorkspaceName("demo", "dev")), "demo");
  EXPECT_EQ(LastPart(UserName("demo")), "demo");
  EXPECT_EQ(LastPart(ProviderName("local")), "local");
  EXPECT_EQ(LastPart("odd"), "odd");
  EXPECT_EQ(OwnerPart("users/demo"), "");
}

}  // namespace
}  // namespace homeport
