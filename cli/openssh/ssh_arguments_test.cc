#include "cli/openssh/ssh_arguments.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using Words = std::vector<std::string>;

TEST(SshArgumentsTest, TheDestinationIsTheFirstWordThatIsNoOptions) {
  const SshArguments alone = *ParseSshArguments({"dev"});
  EXPECT_EQ(alone.destination, "dev");
  EXPECT_THAT(alone.options, IsEmpty());
  EXPECT_THAT(alone.rest, IsEmpty());
  for (const Words& options :
       std::vector<Words>{{"-v"},
                          {"-NL", "8080:localhost:80"},
                          {"-L8080:localhost:80", "-A"},
                          {"-o", "Compression yes", "-oPort=3"},
                          {"-p", "-1"},
                          {"-tt", "-i", "key"},
                          {"-J", "jump", "-D", "1080", "-R", "0:a:1", "-W", "h:1", "-X", "-4"}}) {
    Words words = options;
    words.insert(words.end(), {"dev", "-v", "--", "ls", "-l", "a b"});
    const absl::StatusOr<SshArguments> parsed = ParseSshArguments(words);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_THAT(parsed->options, ElementsAreArray(options));
    EXPECT_EQ(parsed->destination, "dev");
    EXPECT_THAT(parsed->rest, ElementsAre("-v", "--", "ls", "-l", "a b"));
  }
  EXPECT_EQ(ParseSshArguments({"-v", "--", "dev"})->destination, "dev");
}

TEST(SshArgumentsTest, WithoutADestinationThereIsNothingToDo) {
  for (const Words& bad : std::vector<Words>{{}, {"-v"}, {"--"}, {"-L"}, {"-vo"}, {"-p", "2"}}) {
    EXPECT_EQ(ParseSshArguments(bad).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace homeport
