#include "cli/openssh/user_config.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kBlock[] =
    "# BEGIN homeport: made by homeport config-ssh, which replaces what is between these lines\n"
    "Include homeport/config\n"
    "# END homeport\n";

TEST(UserConfigTest, TheBlockComesFirstAndAllElseStaysByteForByte) {
  for (const std::string& config :
       {std::string(), std::string("\n"), std::string("Host a\n  User b\n"),
        std::string("Host a\n\tUser b"),  // no last line break
        std::string("# \xff\xfe not UTF-8\n\n\n"), std::string("\xef\xbb\xbfHost a\n"),
        std::string("Host a\n\0b\n", 10)}) {
    const absl::StatusOr<std::string> with = WithHomeportBlock(config);
    ASSERT_TRUE(with.ok()) << with.status();
    EXPECT_EQ(*with, kBlock + config);
    EXPECT_EQ(*WithHomeportBlock(*with), *with);
    EXPECT_EQ(*WithoutHomeportBlock(*with), config);
  }
}

TEST(UserConfigTest, AFileWithWindowsLineBreaksKeepsThem) {
  const std::string config = "Host a\r\n  User b\r\n";
  const std::string with = *WithHomeportBlock(config);
  EXPECT_THAT(with, HasSubstr("Include homeport/config\r\n"));
  EXPECT_THAT(with, EndsWith(config));
  EXPECT_EQ(*WithHomeportBlock(with), with);
  EXPECT_EQ(*WithoutHomeportBlock(with), config);
}

TEST(UserConfigTest, ABlockThatWasMovedStaysWhereIncludeWorks) {
  const std::string below = std::string("# mine\nServerAliveInterval 30\n") + kBlock + "Host a\n";
  EXPECT_EQ(*WithHomeportBlock(below), below);
  for (const char* opening : {"Host a\n", "host=a\n", "MATCH all\n", "  Host\ta\n"}) {
    const std::string behind = std::string(opening) + kBlock + "  User b\n";
    EXPECT_EQ(*WithHomeportBlock(behind), std::string(kBlock) + opening + "  User b\n") << opening;
  }
  const std::string other = std::string("HostKeyAlias a\n") + kBlock;
  EXPECT_EQ(*WithHomeportBlock(other), other);
}

TEST(UserConfigTest, ABlockOfAnotherVersionIsReplaced) {
  EXPECT_EQ(*WithHomeportBlock("# BEGIN homeport (old)\n\n# END homeport (old)\nHost a\n"),
            std::string(kBlock) + "Host a\n");
}

TEST(UserConfigTest, AFileOfAnotherHomeIsNamedByItsPath) {
  EXPECT_EQ(IncludedAs("/home/a/.ssh/homeport/config", "/home/a"), "homeport/config");
  EXPECT_EQ(IncludedAs("/home/a/.ssh/homeport/config", "/home/a/"), "homeport/config");
  EXPECT_EQ(IncludedAs("/b/.ssh/homeport/config", "/home/a"), "/b/.ssh/homeport/config");
  EXPECT_EQ(IncludedAs("/a b/.ssh/homeport/config", ""), "\"/a b/.ssh/homeport/config\"");
  const std::string with = *WithHomeportBlock("Host a\n", "\"/a b/.ssh/homeport/config\"");
  EXPECT_THAT(with, HasSubstr("\nInclude \"/a b/.ssh/homeport/config\"\n"));
  EXPECT_EQ(*WithHomeportBlock(with), *WithHomeportBlock("Host a\n"));
  EXPECT_EQ(*WithoutHomeportBlock(with), "Host a\n");
}

TEST(UserConfigTest, AMangledBlockIsLeftAlone) {
  for (const std::string& config :
       {std::string("Host a\n# BEGIN homeport\nInclude homeport/config\nHost b\n"),
        std::string("# BEGIN homeport\nInclude homeport/config\n"),
        std::string("Include homeport/config\n# END homeport\n"), std::string(kBlock) + kBlock,
        std::string("# BEGIN homeport\n") + kBlock,
        std::string("# BEGIN homeport\nUser me\n# END homeport\n")}) {
    EXPECT_EQ(WithHomeportBlock(config).status().code(), absl::StatusCode::kFailedPrecondition)
        << config;
    EXPECT_EQ(WithoutHomeportBlock(config).status().code(), absl::StatusCode::kFailedPrecondition)
        << config;
    EXPECT_THAT(std::string(WithHomeportBlock(config).status().message()), StartsWith("line "));
  }
  EXPECT_THAT(std::string(WithHomeportBlock("Host a\n# BEGIN homeport\n").status().message()),
              StartsWith("line 2 "));
}

}  // namespace
}  // namespace homeport
