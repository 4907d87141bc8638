// Terminals of the embedded server, through the real ssh on a terminal of the test's.
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/embedded_server_fixture.h"
#include "base/file.h"

namespace homeport::agent {
namespace {

// A process on a terminal whose other end the test holds, like a terminal window.
class TerminalWindow {
 public:
  TerminalWindow(const std::vector<std::string>& words, const termios* modes) {
    winsize size = {};
    size.ws_row = 33;
    size.ws_col = 101;
    size.ws_xpixel = 808;
    size.ws_ypixel = 528;
    std::vector<char*> argv;
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    pid_ = forkpty(&master_, nullptr, modes, &size);
    if (pid_ == 0) {
      execvp(argv[0], argv.data());
      _exit(126);
    }
  }
  ~TerminalWindow() {
    if (master_ >= 0) close(master_);
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
  }

  void Type(const std::string& text) {
    ASSERT_EQ(write(master_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void Resize(unsigned short rows, unsigned short columns) {
    winsize size = {};
    size.ws_row = rows;
    size.ws_col = columns;
    ASSERT_EQ(ioctl(master_, TIOCSWINSZ, &size), 0);  // the kernel tells ssh by SIGWINCH
  }
  // Reads until the output holds `text`, and forgets it up to there.
  void Expect(const std::string& text) {
    const absl::Time deadline = absl::Now() + absl::Seconds(30);
    while (!absl::StrContains(seen_, text)) {
      ASSERT_LT(absl::Now(), deadline) << "never saw \"" << text << "\" in: " << seen_;
      pollfd ready = {master_, POLLIN, 0};
      poll(&ready, 1, 100);
      char buffer[4096];
      if ((ready.revents & (POLLIN | POLLHUP)) == 0) continue;
      const ssize_t n = read(master_, buffer, sizeof(buffer));
      if (n > 0) seen_.append(buffer, static_cast<size_t>(n));
      if (n < 0 && !absl::StrContains(seen_, text)) {
        FAIL() << "the terminal ended without \"" << text << "\": " << seen_;
      }
    }
    seen_.erase(0, seen_.find(text) + text.size());
  }
  int WaitForExit() {
    int status = -1;
    AwaitOrFail("ssh to end", [&] {
      // A terminal that nobody reads holds up who writes to it.
      pollfd ready = {master_, POLLIN, 0};
      char scrap[4096];
      if (poll(&ready, 1, 0) > 0 && read(master_, scrap, sizeof(scrap)) < 0) {
      }
      return waitpid(pid_, &status, WNOHANG) == pid_;
    });
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  // The window is closed: ssh is gone at once.
  void Kill() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  int master_ = -1;
  pid_t pid_ = -1;
  std::string seen_;
};

class EmbeddedTerminalTest : public EmbeddedServerFixture {
 protected:
  std::vector<std::string> Words(const std::string& command) {
    std::vector<std::string> words = SshWords();
    words.insert(words.end(), {"-tt", "tester@127.0.0.1"});
    if (!command.empty()) words.push_back(command);
    return words;
  }
  bool Exists(const std::string& name) { return ReadFile(folder() + "/" + name).ok(); }
  pid_t PidIn(const std::string& name) {
    int pid = 0;
    EXPECT_TRUE(absl::SimpleAtoi(*ReadFile(folder() + "/" + name), &pid));
    return pid;
  }
};

TEST_F(EmbeddedTerminalTest, SizeIsTheWindowsAndFollowsIt) {
  TerminalWindow window(Words("trap 'stty size' WINCH; stty size; while :; do sleep 0.05; done"),
                        nullptr);
  window.Expect("33 101");
  window.Resize(50, 190);
  window.Expect("50 190");
}

TEST_F(EmbeddedTerminalTest, ModesAreTheWindows) {
  termios modes = {};
  int master = -1;
  int slave = -1;
  ASSERT_EQ(openpty(&master, &slave, nullptr, nullptr, nullptr), 0);
  ASSERT_EQ(tcgetattr(slave, &modes), 0);
  close(master);
  close(slave);
  modes.c_cc[VERASE] = 'X' & 0x1f;
  modes.c_iflag |= IXANY;
  modes.c_lflag &= ~static_cast<tcflag_t>(ECHOK);
  TerminalWindow window(Words("stty -a; echo over"), &modes);
  window.Expect("erase = ^X");
  window.Expect(" ixany");
  window.Expect("-echok ");
  window.Expect("over");
  EXPECT_EQ(window.WaitForExit(), 0);
}

TEST_F(EmbeddedTerminalTest, AnInteractiveShellWithATerminalOfItsOwn) {
  TerminalWindow window(Words(""), nullptr);
  window.Type("PS1='ready> '; tty; echo $TERM-$SSH_TTY\n");
  window.Expect("/dev/pts/");
  window.Expect("-/dev/pts/");
  window.Expect("ready> ");
  // Only a program that has the terminal gets ^C: it says so itself, and not in the echo of the
  // line.
  window.Type("sh -c 'echo star\"\"ted; exec sleep 100'\n");
  window.Expect("started");
  window.Type("\x03");  // ends the sleep, not the shell
  window.Expect("ready> ");
  window.Type("exit 9\n");
  EXPECT_EQ(window.WaitForExit(), 9);
}

class MotdTest : public EmbeddedTerminalTest {
 protected:
  void SetUp() override {
    options.motd_files = {"/no/such/motd", Motd()};
    ASSERT_TRUE(WriteFileAtomically(Motd(), "message of the day\n", 0600).ok());
    EmbeddedTerminalTest::SetUp();
  }
  void TearDown() override {
    EmbeddedTerminalTest::TearDown();
    unlink(Motd().c_str());
  }
  // The fixture's folder is not there yet when the server is made.
  static std::string Motd() { return absl::StrCat("/tmp/homeport-motd.", getpid()); }
};

TEST_F(MotdTest, ALoginShellOnATerminalPrintsTheMessageOfTheDay) {
  TerminalWindow window(Words(""), nullptr);
  window.Expect("message of the day\r\n");
  window.Type("exit 3\n");
  EXPECT_EQ(window.WaitForExit(), 3);
}

TEST_F(MotdTest, NothingElseDoes) {
  EXPECT_EQ(Run("$SSH $TO true").out, "");
  EXPECT_EQ(Run("echo true | $SSH $TO").out, "");
  EXPECT_EQ(Run("$SSH -tt $TO true").out, "");
  EXPECT_EQ(Run("touch $DIR/.hushlogin; echo exit | $SSH -tt $TO | grep -c message").out, "0\n");
}

TEST_F(EmbeddedTerminalTest, EscapesOfTheClientWork) {
  TerminalWindow window(Words(""), nullptr);
  window.Type("PS1='ready> '; echo $$ > $HOME/shell\n");
  window.Expect("ready> ");
  AwaitOrFail("the shell's number", [&] { return Exists("shell"); });
  window.Type("sh -c 'echo star\"\"ted; exec sleep 100'\n");
  window.Expect("started");
  window.Type("\x1a");  // ^Z
  window.Expect("Stopped");
  window.Type("\n~#");
  window.Expect("The following connections are open");
  const pid_t shell = PidIn("shell");
  window.Type("\n~.");
  EXPECT_EQ(window.WaitForExit(), 255);
  AwaitOrFail("the shell to end", [&] { return kill(shell, 0) != 0; });
}

TEST_F(EmbeddedTerminalTest, PixelsOfTheWindowArrive) {
  TerminalWindow window(
      Words("python3 -c 'import fcntl,struct,termios; "
            "print(struct.unpack(\"HHHH\", fcntl.ioctl(0, termios.TIOCGWINSZ, b\"x\" * 8)))'"),
      nullptr);
  window.Expect("(33, 101, 808, 528)");
}

TEST_F(EmbeddedTerminalTest, LastBytesOnATerminalAreNeverLost) {
  for (int i = 0; i < 20; ++i) {
    TerminalWindow window(Words("seq 3000; echo the-end"), nullptr);
    window.Expect("2999\r\n3000\r\nthe-end");
    EXPECT_EQ(window.WaitForExit(), 0);
  }
}

TEST_F(EmbeddedTerminalTest, ABackgroundProcessDoesNotHoldTheSession) {
  TerminalWindow window(Words("trap '' HUP; (trap '' HUP; echo $BASHPID > $HOME/pid; sleep 100) & "
                              "until [ -s $HOME/pid ]; do sleep 0.02; done; echo over"),
                        nullptr);
  window.Expect("over");
  EXPECT_EQ(window.WaitForExit(), 0);
  kill(PidIn("pid"), SIGKILL);
}

TEST_F(EmbeddedTerminalTest, HangUpEndsTheTerminalsProcessesButNotThoseUnderNohup) {
  TerminalWindow window(
      Words("nohup bash -c 'echo $$ > $HOME/kept; exec sleep 100' > /dev/null 2>&1 & "
            "echo $$ > $HOME/ended; until [ -s $HOME/kept ]; do sleep 0.02; done; "
            "touch $HOME/both; sleep 100"),
      nullptr);
  AwaitOrFail("both processes", [&] { return Exists("both"); });
  const pid_t ended = PidIn("ended");
  const pid_t kept = PidIn("kept");
  ASSERT_EQ(kill(ended, 0), 0);
  window.Kill();
  AwaitOrFail("the shell to end", [&] { return kill(ended, 0) != 0; });
  EXPECT_EQ(kill(kept, 0), 0);
  kill(kept, SIGKILL);
}

}  // namespace
}  // namespace homeport::agent
