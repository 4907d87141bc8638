// Programs that speak SSH by a library of their own work against the front door: with Paramiko,
// AsyncSSH and libssh2. Each is a small program that signs in, checks the host key, tries one thing
// and ends with status 0 if it worked.
#include <unistd.h>

#include <filesystem>

#include "absl/strings/match.h"
#include "base/file.h"
#include "gmock/gmock.h"
#include "tests/conformance/both_backends.h"
#include "tests/conformance/peer.h"

namespace homeport::story {
namespace {

class Library : public BothBackends {
 protected:
  void SetUp() override {
    BothBackends::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    unix_echo_ = std::make_unique<EchoServer>(Path("echo"));
  }

  // Runs tests/conformance/`program` for `what`, with a file of this size to copy.
  void ExpectItWorks(const std::string& program, const std::string& what, size_t size = 3 << 20) {
    ASSERT_TRUE(WriteFileAtomically(Path("from"), KnownBytes(size), 0600).ok());
    const std::string& door = world().address("ssh");
    Words words = {std::filesystem::absolute("tests/conformance/" + program),
                   what,
                   door.substr(door.find(':') + 1),
                   workspace(),
                   world().KeyFile("demo"),
                   world().Path("known_hosts"),
                   folder(),
                   echo_.port()};
    if (absl::EndsWith(program, ".py")) words.insert(words.begin(), "/usr/bin/python3");
    const Result result = Run(words, "", absl::Seconds(90));
    EXPECT_EQ(result.status, 0) << result.out << result.err;
  }

 private:
  EchoServer echo_;
  std::unique_ptr<EchoServer> unix_echo_;
};

constexpr size_t kLarge = 64 << 20;

class Paramiko : public Library {
 protected:
  static constexpr char kProgram[] = "paramiko_client.py";
};
HOMEPORT_STORY_OF_BOTH(Paramiko);

TEST_P(Paramiko, RunsCommands) { ExpectItWorks(kProgram, "command"); }
TEST_P(Paramiko, CarriesLargeFilesBothWays) { ExpectItWorks(kProgram, "large-files", kLarge); }
TEST_P(Paramiko, HasATerminal) { ExpectItWorks(kProgram, "terminal"); }
TEST_P(Paramiko, ForwardsBothWays) { ExpectItWorks(kProgram, "forward"); }
TEST_P(Paramiko, SpeaksSftp) { ExpectItWorks(kProgram, "sftp"); }
TEST_P(Paramiko, HearsTheWorkspacesFarewell) { ExpectItWorks(kProgram, "farewell"); }

class AsyncSsh : public Library {
 protected:
  static constexpr char kProgram[] = "asyncssh_client.py";
};
HOMEPORT_STORY_OF_BOTH(AsyncSsh);

TEST_P(AsyncSsh, RunsCommands) { ExpectItWorks(kProgram, "command"); }

TEST_P(AsyncSsh, SendsSignals) {
  if (on_box() && geteuid() == 0) {
    Differs("sshd passes no signals on to sessions of root's");
    ExpectItWorks(kProgram, "no-signal");
  } else {
    ExpectItWorks(kProgram, "signal");
  }
}

TEST_P(AsyncSsh, CarriesLargeFilesBothWays) { ExpectItWorks(kProgram, "large-files", kLarge); }
TEST_P(AsyncSsh, HasATerminal) { ExpectItWorks(kProgram, "terminal"); }
TEST_P(AsyncSsh, ForwardsPortsAndSocketsBothWays) { ExpectItWorks(kProgram, "forward"); }
TEST_P(AsyncSsh, SpeaksSftp) { ExpectItWorks(kProgram, "sftp"); }

class Libssh2 : public Library {
 protected:
  static constexpr char kProgram[] = "libssh2_client";
};
HOMEPORT_STORY_OF_BOTH(Libssh2);

TEST_P(Libssh2, RunsCommands) { ExpectItWorks(kProgram, "command"); }
TEST_P(Libssh2, CarriesLargeFilesBothWays) { ExpectItWorks(kProgram, "large-files", kLarge); }
TEST_P(Libssh2, HasATerminal) { ExpectItWorks(kProgram, "terminal"); }
TEST_P(Libssh2, ForwardsBothWays) { ExpectItWorks(kProgram, "forward"); }
TEST_P(Libssh2, SpeaksSftp) { ExpectItWorks(kProgram, "sftp"); }

}  // namespace
}  // namespace homeport::story
