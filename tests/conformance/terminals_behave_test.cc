// A terminal in a workspace is a terminal here: its sizes, its modes, its keys, ssh's own escapes,
// and what a hang-up ends. (More of it: tests/integration's terminal_follows_the_window.)
#include <csignal>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "gmock/gmock.h"
#include "tests/conformance/both_backends.h"
#include "tests/conformance/peer.h"
#include "tests/integration/tcp_connection.h"

namespace homeport::story {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

class TerminalsBehave : public BothBackends {
 protected:
  // ssh -tt options… workspace command, on a terminal.
  std::unique_ptr<Conversation> Terminal(const std::string& command, const Words& options = {},
                                         const Conversation::Terminal& terminal = {}) {
    Words words = options;
    words.push_back("-tt");
    return std::make_unique<Conversation>(SshCommand(words, command), terminal);
  }
  // A shell that has prompted and answered.
  std::unique_ptr<Conversation> Shell(const Words& options = {}) {
    auto shell = Terminal("", options);
    shell->Send("echo rea\"\"dy\n");
    EXPECT_TRUE(shell->WaitForOutput("ready"));
    return shell;
  }
  // Starts a command in front that says, by the trap it sets, when it is hung up.
  void StartInFront(Conversation& shell) {
    shell.Send("cd " + Path("") +
               "; sh -c 'trap \"echo 1 >hung-up; exit\" HUP; echo $$ >in-front; "
               "while :; do sleep 0.05; done'\n");
  }
};
HOMEPORT_STORY_OF_BOTH(TerminalsBehave);

TEST_P(TerminalsBehave, TellingTheirSizeInPixels) {
  const std::string program =
      "import fcntl, os, signal, struct, sys, termios\n"
      "def tell(*_):\n"
      "  size = fcntl.ioctl(0, termios.TIOCGWINSZ, bytes(8))\n"
      "  os.write(1, b'is %d %d %d %d.\\n' % struct.unpack('HHHH', size))\n"
      "signal.signal(signal.SIGWINCH, tell)\n"
      "tell()\n"
      "sys.stdin.readline()\n";
  ASSERT_TRUE(WriteFileAtomically(Path("size.py"), program, 0600).ok());
  Conversation::Terminal terminal;
  terminal.height_pixels = 480;
  terminal.width_pixels = 641;
  const auto ssh = Terminal("/usr/bin/python3 " + Path("size.py"), {}, terminal);
  ASSERT_TRUE(ssh->WaitForOutput("is 24 80 641 480."));
  ssh->Resize(50, 132, 1000, 1321);
  ASSERT_TRUE(ssh->WaitForOutput("is 50 132 1321 1000."));
  ssh->Send("\n");
  EXPECT_EQ(ssh->WaitToEnd().status, 0);
}

TEST_P(TerminalsBehave, WithTheModesOfThePersonsOwn) {
  Process::Command command;
  command.arguments = {
      "bash", "-c",
      "stty intr ^X eof ^Y susp undef istrip -ixon -echoe tostop iutf8; exec ssh " +
          OptionsOfSsh() + " -tt " + workspace() + " stty -a"};
  Conversation ssh(command, Conversation::Terminal());
  const Result result = ssh.WaitToEnd();
  EXPECT_EQ(result.status, 0);
  for (const char* mode : {"intr = ^X;", "eof = ^Y;", "susp = <undef>;", " istrip", " -ixon",
                           " -echoe", " tostop", " iutf8"}) {
    EXPECT_THAT(result.out, HasSubstr(mode));
  }
}

TEST_P(TerminalsBehave, AsALoginShellKnowsThem) {
  Process::Command command = SshCommand({"-tt"}, "");
  command.environment = {"TERM=vt220"};
  Conversation shell(command, Conversation::Terminal());
  shell.Send("echo shell=$0 term=$TERM tty=$(tty) ssh_tty=$SSH_TTY.\n");
  ASSERT_TRUE(shell.WaitForOutput("shell=-bash term=vt220 tty=/dev/pts/"));
  ASSERT_TRUE(shell.WaitForOutput("ssh_tty=/dev/pts/"));
  const std::string tty = absl::StrCat(NumberAfter(" tty=/dev/pts/", shell.out()));
  EXPECT_THAT(shell.out(), HasSubstr("ssh_tty=/dev/pts/" + tty + "."));
  shell.Send("exit 4\n");
  EXPECT_EQ(shell.WaitToEnd().status, 4);
}

TEST_P(TerminalsBehave, OnlyWhereOneWasAskedFor) {
  const Result result = Ssh("tty; echo ssh_tty=$SSH_TTY.", "", {"-T"});
  EXPECT_THAT(result.out, HasSubstr("not a tty\nssh_tty=.\n"));
}

TEST_P(TerminalsBehave, WhenCtrlZStopsAndTheShellGoesOn) {
  const auto shell = Shell();
  // It starts no processes while it waits: one that is stopped between vfork and exec holds up its
  // parent, which then cannot stop.
  shell->Send(
      "sh -c 'trap \"echo conti\\\"\\\"nued\" CONT; trap \"exit 130\" INT; sleep 60 & "
      "echo star\"\"ted; while :; do wait; done'\n");
  ASSERT_TRUE(shell->WaitForOutput("started"));
  shell->Send("\x1a");
  ASSERT_TRUE(shell->WaitForOutput("Stopped"));
  shell->Send("echo after=$?\n");
  ASSERT_TRUE(shell->WaitForOutput("after=148"));
  shell->Send("fg\n");
  ASSERT_TRUE(shell->WaitForOutput("continued"));
  shell->Send("\x03");
  shell->Send("echo then=$?\n");
  ASSERT_TRUE(shell->WaitForOutput("then=130"));
  shell->Send("exit\n");
  EXPECT_EQ(shell->WaitToEnd().status, 0);
}

TEST_P(TerminalsBehave, WhenCtrlBackslashQuitsAndCtrlDEnds) {
  const auto shell = Shell();
  shell->Send("sh -c 'echo star\"\"ted; exec sleep 1000'\n");
  ASSERT_TRUE(shell->WaitForOutput("started"));
  shell->Send("\x1c");
  shell->Send("echo after=$?\n");
  ASSERT_TRUE(shell->WaitForOutput("after=131"));
  shell->Send("PS1=prompt-$((1+1)).\n");
  ASSERT_TRUE(shell->WaitForOutput("prompt-2."));
  shell->ForgetOutput();
  shell->Send("(exit 6)\n");
  ASSERT_TRUE(shell->WaitForOutput("prompt-2."));
  shell->Send("\x04");
  EXPECT_EQ(shell->WaitToEnd().status, 6);
}

TEST_P(TerminalsBehave, WhenTildeDotEndsTheConnection) {
  const auto shell = Shell();
  StartInFront(*shell);
  const int in_front = NumberFrom(Path("in-front"), shell.get());
  shell->Send("\r~.");
  const Result result = shell->WaitToEnd();
  EXPECT_EQ(result.status, 255);
  EXPECT_THAT(result.out, HasSubstr("Connection to 127.0.0.1 closed."));
  EXPECT_EQ(NumberFrom(Path("hung-up")), 1);
  WaitFor([&] { return !IsAlive(in_front); }, absl::Seconds(10), "the end of what ran in front");
}

TEST_P(TerminalsBehave, WhenTildeAmpersandLeavesForwardsBehind) {
  const EchoServer echo;
  const std::string port = FreePort();
  Process::Command command;
  // A terminal whose first program ends is hung up: that program is a shell, as a person's is.
  command.arguments = {"bash", "-c",
                       "ssh " + OptionsOfSsh() + " -L 127.0.0.1:" + port + ":" + echo.address() +
                           " -tt " + workspace() + "; echo back=$?; read line; exit 0"};
  Conversation shell(command, Conversation::Terminal());
  shell.Send("echo rea\"\"dy\n");
  ASSERT_TRUE(shell.WaitForOutput("ready"));
  Peer peer("127.0.0.1:" + port);
  ASSERT_TRUE(peer.connected());
  peer.Send("before");
  EXPECT_EQ(peer.Receive(6), "before");
  shell.Send("\r~&");
  ASSERT_TRUE(shell.WaitForOutput("back=0"));
  peer.Send("after");
  EXPECT_EQ(peer.Receive(5), "after");
  peer.FinishSending();
  EXPECT_EQ(peer.ReceiveToEnd(), "");
  shell.Send("\n");
  shell.WaitToEnd();
}

TEST_P(TerminalsBehave, WhenTheirSshIsKilled) {
  const auto shell = Shell();
  shell->Send("cd " + Path("") + "; setsid sh -c 'echo $$ >setsid; exec sleep 1000' &\n");
  shell->Send("nohup sh -c 'echo $$ >nohup; exec sleep 1000' >/dev/null 2>&1 &\n");
  shell->Send("echo $$ >shell\n");
  StartInFront(*shell);
  const int in_front = NumberFrom(Path("in-front"), shell.get());
  const int login_shell = NumberFrom(Path("shell"), shell.get());
  shell->process().Signal(SIGKILL);
  EXPECT_EQ(NumberFrom(Path("hung-up")), 1) << "SIGHUP came";
  WaitFor([&] { return !IsAlive(in_front) && !IsAlive(login_shell); }, absl::Seconds(10),
          "the end of the shell and of what ran in front");
  for (const char* file : {"setsid", "nohup"}) {
    const int stays = NumberFrom(Path(file));
    ASSERT_GT(stays, 0);
    EXPECT_TRUE(IsAlive(stays)) << file;
    kill(stays, SIGKILL);
  }
}

TEST_P(TerminalsBehave, WhenAFullScreenProgramIsResizedUnderTmux) {
  // tmux on both ends: here as the person's screen, there as what people run.
  std::string text;
  for (int i = 1; i <= 200; ++i) absl::StrAppend(&text, "This is line ", i, " of 200.\n");
  ASSERT_TRUE(WriteFileAtomically(Path("text"), text, 0600).ok());
  const std::string there = "tmux -f /dev/null -S " + Path("there");
  const std::string here = "tmux -f /dev/null -S " + Path("here");
  const Result started = Bash("unset TMUX; export TERM=xterm LC_ALL=C.UTF-8; " + here +
                              " new-session -d -x 80 -y 24 \"$SSH -tt $WS LC_ALL=C.UTF-8 '" +
                              there + "' new-session \\\"'less -S $DIR/text'\\\"\"");
  ASSERT_EQ(started.status, 0) << started.err;
  const auto screen = [&] { return Bash(here + " capture-pane -p").out; };
  const auto is_drawn = [&](int rows) {
    // less has the last line for itself, and the tmux there another.
    const std::string wanted = text.substr(0, text.find(absl::StrCat("This is line ", rows - 1)));
    WaitFor(
        [&] {
          return absl::StartsWith(screen(), wanted + ":") ||
                 absl::StartsWith(screen(), wanted + Path(""));
        },
        absl::Seconds(20), absl::StrCat("a screen of ", rows, " rows"));
    EXPECT_THAT(screen(), HasSubstr(absl::StrCat("line ", rows - 2, " of"))) << screen();
  };
  is_drawn(24);
  for (const int rows : {40, 11, 57}) {
    ASSERT_EQ(Bash(absl::StrCat(here, " resize-window -x ", rows * 2, " -y ", rows)).status, 0);
    is_drawn(rows);
  }
  Bash(there + " kill-server || true; " + here + " kill-server || true");
}

TEST_P(TerminalsBehave, AndTellWhereTheyComeFrom) {
  const Result result = Ssh("echo \"$SSH_CONNECTION|$SSH_CLIENT|$SSH_ORIGINAL_COMMAND.\"");
  EXPECT_THAT(result.out, ContainsRegex("^127.0.0.1 [0-9]+ 127.0.0.1 [0-9]+\\|"
                                        "127.0.0.1 [0-9]+ [0-9]+\\|\\.\n$"));
  if (on_box()) {
    Differs("SSH_CONNECTION and SSH_CLIENT name the agent's connection to sshd, not the person's");
    const std::string port = world().address("sshd").substr(std::string("127.0.0.1:").size());
    EXPECT_THAT(result.out, HasSubstr(" 127.0.0.1 " + port + "|"));
  } else {
    const std::string port = world().address("ssh").substr(std::string("127.0.0.1:").size());
    EXPECT_THAT(result.out, HasSubstr(" 127.0.0.1 " + port + "|")) << "the front door's";
  }
}

}  // namespace
}  // namespace homeport::story
