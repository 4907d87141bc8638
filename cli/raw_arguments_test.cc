#include "cli/raw_arguments.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Words = std::vector<std::string>;

TEST(RawArgumentsTest, WhatIsBehindSshIsSshs) {
  Words words = {"--coordinator", "ssh",      "--timeout=1s", "ssh", "-v",
                 "dev",           "--output", "--",           "ssh"};
  EXPECT_THAT(TakeRawArguments(words), ElementsAre("-v", "dev", "--output", "--", "ssh"));
  EXPECT_THAT(words, ElementsAre("--coordinator", "ssh", "--timeout=1s", "ssh"));
}

TEST(RawArgumentsTest, LongOptionsBehindSshAreHomeports) {
  Words words = {"ssh", "--front-door", "a:1", "--timeout=1s", "-v", "--front-door", "dev"};
  EXPECT_THAT(TakeRawArguments(words), ElementsAre("-v", "--front-door", "dev"));
  EXPECT_THAT(words, ElementsAre("ssh", "--front-door", "a:1", "--timeout=1s"));
  words = {"ssh", "--", "dev"};
  EXPECT_THAT(TakeRawArguments(words), ElementsAre("--", "dev"));
}

TEST(RawArgumentsTest, WhatIsBehindTwoDashesOfSyncIsRsyncs) {
  Words words = {"sync", "a", "dev:b", "--", "--delete", "--", "-n"};
  EXPECT_THAT(TakeRawArguments(words), ElementsAre("--delete", "--", "-n"));
  EXPECT_THAT(words, ElementsAre("sync", "a", "dev:b"));
  words = {"sync", "a", "dev:b"};
  EXPECT_THAT(TakeRawArguments(words), IsEmpty());
  EXPECT_THAT(words, ElementsAre("sync", "a", "dev:b"));
}

TEST(RawArgumentsTest, OtherCommandsKeepTheirWords) {
  for (const Words& whole : std::vector<Words>{{},
                                               {"--output"},
                                               {"workspaces", "get", "ssh", "-x"},
                                               {"ssh", "--help"},
                                               {"keys", "show", "--", "ssh"}}) {
    Words words = whole;
    EXPECT_THAT(TakeRawArguments(words), IsEmpty());
    EXPECT_EQ(words, whole);
  }
}

}  // namespace
}  // namespace homeport
