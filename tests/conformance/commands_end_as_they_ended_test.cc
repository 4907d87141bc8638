// A command's end reaches the person exactly: its status, all that it said, and no sooner or later
// than with plain ssh. (That bytes arrive, and that input's end does, is tests/integration's
// every_byte_arrives.)
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/conformance/both_backends.h"

namespace homeport::story {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

using CommandsEndAsTheyEnded = BothBackends;
HOMEPORT_STORY_OF_BOTH(CommandsEndAsTheyEnded);

TEST_P(CommandsEndAsTheyEnded, WithEachExitStatus) {
  const SharedConnection shared(world(), workspace(), Path("s"));
  for (const int status : {0, 1, 2, 42, 126, 127, 128, 130, 137, 254, 255}) {
    EXPECT_EQ(shared.Run(absl::StrCat("exit ", status)).status, status);
  }
}

TEST_P(CommandsEndAsTheyEnded, WithTheShellsWordForWhatIsMissing) {
  const Result result = Ssh("no-such-program-here");
  EXPECT_EQ(result.status, 127);
  EXPECT_THAT(result.err, HasSubstr("no-such-program-here"));
  EXPECT_EQ(result.out, "");
}

TEST_P(CommandsEndAsTheyEnded, WithTheirLastBytesTwoHundredTimes) {
  constexpr int kAtOnce = 5;
  const SharedConnection shared(world(), workspace(), Path("s"));
  for (int i = 0; i < 200; i += kAtOnce) {
    std::vector<std::unique_ptr<Conversation>> commands;
    for (int n = i; n < i + kAtOnce; ++n) {
      commands.push_back(std::make_unique<Conversation>(
          shared.Command({workspace(), absl::StrCat("head -c ", n * 97, " /dev/zero; echo end-", n,
                                                    "; echo err-", n, " >&2; exit ", n % 7)})));
    }
    for (int n = i; n < i + kAtOnce; ++n) {
      const Result result = commands[static_cast<size_t>(n - i)]->WaitToEnd();
      const std::string zeros(static_cast<size_t>(n) * 97, '\0');
      ASSERT_EQ(result.out, absl::StrCat(zeros, "end-", n, "\n"));
      // The shell's start files may have complained before.
      ASSERT_THAT(result.err, EndsWith(absl::StrCat("err-", n, "\n")));
      ASSERT_EQ(result.status, n % 7) << "of command " << n;
    }
  }
}

TEST_P(CommandsEndAsTheyEnded, WithOutputAndErrorsApartHoweverMuchOfBoth) {
  const Result result =
      Ssh("head -c 3000000 /dev/zero | tr '\\0' o & "
          "head -c 3000000 /dev/zero | tr '\\0' e >&2; wait");
  EXPECT_EQ(result.out, std::string(3000000, 'o'));
  // What the account's start files say may stand before it.
  EXPECT_TRUE(absl::EndsWith(result.err, std::string(3000000, 'e')));
  EXPECT_EQ(result.status, 0);
}

TEST_P(CommandsEndAsTheyEnded, WithoutWaitingForWhatTheyLeaveInTheBackground) {
  const Result result =
      Ssh("sleep 1000 </dev/null >/dev/null 2>&1 & echo $! >" + Path("left") + "; echo done");
  EXPECT_EQ(result.out, "done\n");
  EXPECT_EQ(result.status, 0);
  const int left = NumberFrom(Path("left"));
  ASSERT_GT(left, 0);
  EXPECT_TRUE(IsAlive(left)) << "what was left in the background lives on";
  kill(left, SIGKILL);
}

TEST_P(CommandsEndAsTheyEnded, WithTheOutputOfWhatStillHoldsIt) {
  const Result result = Ssh("(until test -e " + Path("go") +
                            "; do sleep 0.05; done; echo later) & "
                            "echo first; touch " +
                            Path("go") + "; exit 9");
  EXPECT_EQ(result.out, "first\nlater\n");
  EXPECT_EQ(result.status, 9);
}

TEST_P(CommandsEndAsTheyEnded, WhenNobodyReadsThemAnyMore) {
  const Result result =
      Bash("$SSH $WS 'echo $$ >'$DIR'/pid; exec yes' | head -n 3 || true", "", absl::Seconds(30));
  EXPECT_EQ(result.out, "y\ny\ny\n") << result.err;
  const int pid = NumberFrom(Path("pid"));
  ASSERT_GT(pid, 0);
  WaitFor([&] { return !IsAlive(pid); }, absl::Seconds(20), "the end of yes");
}

TEST_P(CommandsEndAsTheyEnded, WhenTheyTakeNoMoreInput) {
  const Result result = Ssh("head -c 5", std::string(4000000, 'i'));
  EXPECT_EQ(result.out, "iiiii");
  EXPECT_EQ(result.status, 0) << result.err;
}

}  // namespace
}  // namespace homeport::story
