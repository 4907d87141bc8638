#include "coordinator/page.h"

#include "coordinator/resource_name.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

TEST(PageTest, Sizes) {
  EXPECT_EQ(*PageSize(0), 100);
  EXPECT_EQ(*PageSize(7), 7);
  EXPECT_EQ(*PageSize(100000), 1000);
  EXPECT_TRUE(absl::IsInvalidArgument(PageSize(-1).status()));
}

TEST(PageTest, ATokenFitsItsListingAlone) {
  const std::string token = MakePageToken("workspaces of ann", {"ann", "dev"});
  EXPECT_THAT(*ParsePageToken(token, "workspaces of ann", 2), ::testing::ElementsAre("ann", "dev"));
  EXPECT_THAT(*ParsePageToken("", "users", 1), ::testing::ElementsAre(""));
  for (const std::string& bad :
       {std::string("x"), std::string("%%%"), token.substr(1), token.substr(0, token.size() - 3),
        token + "AAAA", MakePageToken("workspaces of ann", {"ann", "../dev"}),
        MakePageToken("workspaces of ann", {"ann"}), MakePageToken("users", {"ann", "dev"})}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParsePageToken(bad, "workspaces of ann", 2).status()))
        << bad;
  }
}

TEST(ResourceNameTest, ParsesWhatItFormats) {
  EXPECT_EQ(*ParseUserName(FormatUserName("ann")), "ann");
  EXPECT_EQ(*ParseProviderName(FormatProviderName("local")), "local");
  const WorkspaceName name = *ParseWorkspaceName(FormatWorkspaceName("ann", "dev"));
  EXPECT_EQ(name.user, "ann");
  EXPECT_EQ(name.workspace, "dev");
}

TEST(ResourceNameTest, RefusesEverythingElse) {
  for (const char* bad : {"", "users", "users/", "users/-", "users/Ann", "user/ann", "users/ann/",
                          "/users/ann", "users/ann/workspaces", "users/a%2fb", "users/ann\n"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseUserName(bad).status())) << bad;
    EXPECT_TRUE(absl::IsInvalidArgument(ParseWorkspaceName(bad).status())) << bad;
  }
}

}  // namespace
}  // namespace homeport
