// A shell on a terminal feels like one here: its size, its keys, Ctrl-C, and what a closed window
// does.
#include <csignal>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "gmock/gmock.h"
#include "tests/integration/wait_for.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

using ::testing::HasSubstr;

class TerminalFollowsTheWindow : public StoryOfBoth {
 protected:
  // A process id that a command in the workspace wrote to a file here.
  pid_t PidFrom(const std::string& file, Conversation& shell) {
    int pid = -1;
    WaitFor(
        [&] {
          shell.Pump(absl::ZeroDuration());
          const std::string text(
              absl::StripAsciiWhitespace(ReadFile(world_.Path(file)).value_or("")));
          return absl::SimpleAtoi(text, &pid);
        },
        absl::Seconds(20), "a process id in " + file);
    return pid;
  }
};
HOMEPORT_STORY_OF_BOTH(TerminalFollowsTheWindow);

TEST_P(TerminalFollowsTheWindow, FromTheFirstSizeToEveryOther) {
  const auto shell = world_.TerminalSsh({"-tt", workspace()}, {33, 101});
  shell->Send("echo size=$(stty size)\n");
  ASSERT_TRUE(shell->WaitForOutput("size=33 101"));
  // A command in front is told of every change.
  shell->Send(
      "sh -c 'trap \"echo window=\\$(stty size)\" WINCH; echo is-$((1+1))-ready; "
      "while :; do sleep 0.05; done'\n");
  ASSERT_TRUE(shell->WaitForOutput("is-2-ready"));
  shell->Resize(40, 120);
  ASSERT_TRUE(shell->WaitForOutput("window=40 120"));
  shell->Resize(1, 500);
  ASSERT_TRUE(shell->WaitForOutput("window=1 500"));
  shell->Send("\x03");
  shell->Send("exit 5\n");
  EXPECT_EQ(shell->WaitToEnd().status, 5);
}

TEST_P(TerminalFollowsTheWindow, AndCtrlCInterrupts) {
  const auto shell = world_.TerminalSsh({"-tt", workspace()});
  // Said by the command itself: by then the terminal is the command's and no longer the shell's.
  shell->Send("sh -c 'echo star\"\"ted; exec sleep 1000'\n");
  ASSERT_TRUE(shell->WaitForOutput("started"));
  shell->Send("\x03");
  shell->Send("echo after=$?\n");
  ASSERT_TRUE(shell->WaitForOutput("after=130"));
  shell->Send("exit\n");
  EXPECT_EQ(shell->WaitToEnd().status, 0);
}

TEST_P(TerminalFollowsTheWindow, AndKeysMeanWhatTheyMeanHere) {
  Conversation::Terminal terminal;
  terminal.erase = '\b';
  const auto stty = world_.TerminalSsh({"-tt", workspace(), "stty -a"}, terminal);
  const Result result = stty->WaitToEnd();
  EXPECT_THAT(result.out, HasSubstr("erase = ^H;"));
  EXPECT_EQ(result.status, 0);
  const auto usual = world_.TerminalSsh({"-tt", workspace(), "stty -a"});
  EXPECT_THAT(usual->WaitToEnd().out, HasSubstr("erase = ^?;"));
}

TEST_P(TerminalFollowsTheWindow, AndAClosedWindowEndsWhatWasInFrontOfIt) {
  const auto shell = world_.TerminalSsh({"-tt", workspace()});
  shell->Send(absl::StrCat("cd ", world_.Path("."), "\n"));
  shell->Send("nohup sh -c 'echo $$ >stays; exec sleep 1000' >/dev/null 2>&1 &\n");
  const pid_t stays = PidFrom("stays", *shell);
  shell->Send("sh -c 'echo $$ >goes; exec sleep 1000'\n");
  const pid_t goes = PidFrom("goes", *shell);
  ASSERT_TRUE(IsAlive(stays));
  ASSERT_TRUE(IsAlive(goes));
  shell->HangUp();
  EXPECT_TRUE(
      WaitFor([&] { return !IsAlive(goes); }, absl::Seconds(10), "the end of what ran in front"));
  EXPECT_TRUE(IsAlive(stays)) << "what was started with nohup lives on";
  kill(stays, SIGKILL);
}

}  // namespace
}  // namespace homeport::story
