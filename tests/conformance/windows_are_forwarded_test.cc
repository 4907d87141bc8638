// `ssh -X` and `-Y`: programs in the workspace reach the person's display, with a cookie of the
// connection's own that ssh replaces by the real one; and OpenSSH's words where that is not
// offered.
#include <sys/stat.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/file.h"
#include "gmock/gmock.h"
#include "tests/conformance/both_backends.h"
#include "tests/conformance/peer.h"

namespace homeport::story {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kFirstPort = 6000;
constexpr char kRealCookie[] = "00112233445566778899aabbccddeeff";

// An X client: connects to $DISPLAY, shows the cookie that xauth has for it and prints what the
// server says, as hex. The server here sends back what it gets.
constexpr char kXClient[] = R"(
import os, socket, struct, subprocess
display = os.environ['DISPLAY']
host, number = display.rsplit(':', 1)
number = int(number.split('.')[0])
listed = subprocess.run(['xauth', 'list', display], stdout=subprocess.PIPE, check=True)
cookie = bytes.fromhex(listed.stdout.split()[2].decode())
name = b'MIT-MAGIC-COOKIE-1'
setup = struct.pack('<BxHHHHxx', ord('l'), 11, 0, len(name), len(cookie))
setup += name + bytes(-len(name) % 4) + cookie + bytes(-len(cookie) % 4)
connection = socket.create_connection((host, 6000 + number))
connection.sendall(setup)
got = b''
while len(got) < len(setup):
  more = connection.recv(4096)
  if not more:
    break
  got += more
print('display=' + display)
print('shown=' + cookie.hex())
print('got=' + got.hex())
subprocess.run(['xauth', '-q', 'remove', 'unix:%d' % number], check=True)
)";

class WindowsAreForwarded : public BothBackends {
 protected:
  void SetUp() override {
    BothBackends::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    int number = 30 + static_cast<int>(getpid() % 400);
    while (Listens(absl::StrCat("127.0.0.1:", kFirstPort + number))) ++number;
    display_ = absl::StrCat("127.0.0.1:", number, ".0");
    server_ = std::make_unique<EchoServer>(absl::StrCat("127.0.0.1:", kFirstPort + number));
    // What ssh asks the person's xauth: to make a cookie for -X, and to list the one there is.
    const std::string xauth = absl::StrCat("#!/bin/sh\ncase \"$*\" in\n*list*) echo '", display_,
                                           "  MIT-MAGIC-COOKIE-1  ", kRealCookie, "' ;;\nesac\n");
    ASSERT_TRUE(WriteFileAtomically(Path("xauth"), xauth, 0700).ok());
    ASSERT_TRUE(WriteFileAtomically(Path("client.py"), kXClient, 0600).ok());
  }

  // ssh words… with the person's display.
  Result SshWithDisplay(Process::Command command) const {
    command.environment.push_back("DISPLAY=" + display_);
    return RunToEnd(command);
  }
  Words Options(const std::string& flag) const {
    return {flag, "-o", "XAuthLocation=" + Path("xauth")};
  }
  const std::string& display() const { return display_; }
  std::string Client() const { return "/usr/bin/python3 " + Path("client.py"); }

  static void ExpectAnswer(const Result& result) {
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_THAT(result.out, ContainsRegex("display=localhost:[0-9]+\\.0\n"));
    EXPECT_THAT(result.out, ContainsRegex(absl::StrCat("got=6c000b00.*", kRealCookie)))
        << "the display got its own cookie";
    EXPECT_THAT(result.out, Not(HasSubstr(absl::StrCat("shown=", kRealCookie))))
        << "the workspace never saw it";
  }

 private:
  std::string display_;
  std::unique_ptr<EchoServer> server_;
};
HOMEPORT_STORY_OF_BOTH(WindowsAreForwarded);

TEST_P(WindowsAreForwarded, WithTrust) {
  ExpectAnswer(SshWithDisplay(SshCommand(Options("-Y"), Client())));
}

TEST_P(WindowsAreForwarded, WithoutTrust) {
  ExpectAnswer(SshWithDisplay(SshCommand(Options("-X"), Client())));
}

TEST_P(WindowsAreForwarded, ThroughASharedConnection) {
  // It is the first ssh that talks to the display.
  const SharedConnection shared(world(), workspace(), Path("s"), Options("-Y"),
                                {"DISPLAY=" + display()});
  for (int i = 0; i < 2; ++i) {
    Words words = Options("-Y");
    words.insert(words.end(), {workspace(), Client()});
    ExpectAnswer(SshWithDisplay(shared.Command(words)));
  }
}

TEST_P(WindowsAreForwarded, UntilTheSessionEnds) {
  const Result result = SshWithDisplay(SshCommand(Options("-Y"), "echo $DISPLAY; cat"));
  EXPECT_EQ(result.status, 0) << result.err;
  const int number = NumberAfter("localhost:", result.out);
  ASSERT_GE(number, 10) << result.out << result.err;
  WaitFor([&] { return !Listens(absl::StrCat("127.0.0.1:", kFirstPort + number)); },
          absl::Seconds(10), "the display's port to be free again");
  Bash(absl::StrCat("xauth -q remove unix:", number));
}

TEST_P(WindowsAreForwarded, OnlyWhereTheyAreAskedToBe) {
  Process::Command command = SshCommand({"-x"}, "echo \"display=$DISPLAY.\"");
  EXPECT_EQ(SshWithDisplay(command).out, "display=.\n");
}

// The same for an sshd that does not offer it.
class WindowsAreNotOffered : public WindowsAreForwarded {
 public:
  static void SetUpTestSuite() { StartWorld("X11Forwarding no\n"); }
};
HOMEPORT_STORY_OF_BOTH(WindowsAreNotOffered);

TEST_P(WindowsAreNotOffered, AndThePersonIsToldInOpenSshsWords) {
  if (!on_box()) GTEST_SKIP() << "the embedded server always offers X11";
  const Result result = SshWithDisplay(SshCommand(Options("-Y"), "echo \"display=$DISPLAY.\""));
  EXPECT_EQ(result.out, "display=.\n");
  EXPECT_THAT(result.err, HasSubstr("X11 forwarding request failed on channel 0"));
  EXPECT_EQ(result.status, 0);
}

}  // namespace
}  // namespace homeport::story
