// Plain ssh runs commands and shells in a workspace that nobody can dial, and everything that a
// command says comes back as it was said.
#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

using SshReachesAWorkspace = StoryOfBoth;
HOMEPORT_STORY_OF_BOTH(SshReachesAWorkspace);

TEST_P(SshReachesAWorkspace, OutputErrorsAndStatusComeBackApart) {
  const Result result = world_.Ssh({workspace(), "echo hello; echo oops >&2; exit 7"});
  EXPECT_EQ(result.out, "hello\n");
  // What the account's start files say may stand before it.
  EXPECT_THAT(result.err, EndsWith("oops\n"));
  EXPECT_EQ(result.status, 7);
}

TEST_P(SshReachesAWorkspace, AShellReadsItsCommandsFromStandardInput) {
  const Result result = world_.Ssh({workspace()}, "echo $((6*7))\nexit 3\n");
  EXPECT_THAT(result.out, HasSubstr("42\n"));
  EXPECT_EQ(result.status, 3) << result.err;
}

TEST_P(SshReachesAWorkspace, ACommandKilledByASignalSaysSo) {
  EXPECT_EQ(world_.Ssh({workspace(), "kill -9 $$"}).status, 255);
  const Result told = world_.Ssh({"-v", workspace(), "kill -9 $$"});
  EXPECT_EQ(told.status, 255);
  EXPECT_THAT(told.err, HasSubstr("exit-signal"));
}

TEST_P(SshReachesAWorkspace, TheLanguageOfTheClientArrives) {
  Process::Command command = world_.SshCommand(
      {"-o", "SendEnv=LANG NOT_FOR_YOU", workspace(), "echo \"lang=$LANG other=$NOT_FOR_YOU\""});
  command.environment = {"LANG=de_AT.UTF-8", "NOT_FOR_YOU=secret"};
  const Result result = RunToEnd(command);
  EXPECT_EQ(result.out, "lang=de_AT.UTF-8 other=\n");
}

TEST_P(SshReachesAWorkspace, TheBackendIsTheOneItShouldBe) {
  const Result result = world_.Ssh({workspace(), "echo ok"});
  EXPECT_EQ(result.out, "ok\n") << result.err;
  EXPECT_EQ(absl::StrContains(world_.service("sshd").Log(), "Accepted publickey"), on_box());
}

}  // namespace
}  // namespace homeport::story
