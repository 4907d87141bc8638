// `ssh -A`: the person's own ssh-agent is there in the workspace, by one socket for each
// connection, and only as long as that lasts.
#include <sys/stat.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/conformance/both_backends.h"

namespace homeport::story {
namespace {

using ::testing::HasSubstr;

class AgentsAreForwarded : public BothBackends {
 protected:
  // An ssh-agent here that holds the person's key; and -A, which needs the exception: the world's
  // ssh_config knows no agent.
  void SetUp() override {
    BothBackends::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    Process::Command command;
    command.arguments = {"ssh-agent", "-D", "-a", Path("agent")};
    agent_ = std::make_unique<Process>(command);
    WaitFor([&] { return access(Path("agent").c_str(), F_OK) == 0; }, absl::Seconds(10),
            "the ssh-agent");
    const Result added = Bash("SSH_AUTH_SOCK=$DIR/agent ssh-add -q " + world().KeyFile("demo"));
    ASSERT_EQ(added.status, 0) << added.err;
    forward_ = {"-A", "-o", "IdentityAgent=" + Path("agent")};
  }
  // What a command says that looks at the socket.
  static std::string Socket(const Result& result) {
    return std::string(absl::StripAsciiWhitespace(result.out));
  }

  Words forward_;

 private:
  std::unique_ptr<Process> agent_;
};
HOMEPORT_STORY_OF_BOTH(AgentsAreForwarded);

TEST_P(AgentsAreForwarded, AndSignThere) {
  const Result result =
      Ssh("ssh-add -L | tee " + Path("key.pub") + "; echo text >" + Path("text") +
              "; ssh-keygen -q -Y sign -n file -f " + Path("key.pub") + " " + Path("text"),
          "", forward_);
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("ssh-ed25519 "));
  const Result checked = Bash(
      "echo me $(cat key.pub) >signers; "
      "ssh-keygen -q -Y verify -n file -f signers -I me -s text.sig <text");
  EXPECT_EQ(checked.status, 0) << checked.err;
}

TEST_P(AgentsAreForwarded, OnlyWhereOneIsAskedToBe) {
  EXPECT_EQ(Ssh("echo \"sock=$SSH_AUTH_SOCK.\"").out, "sock=.\n");
}

TEST_P(AgentsAreForwarded, ByOneSocketForEachConnection) {
  const std::string command = "echo $SSH_AUTH_SOCK; test -S $SSH_AUTH_SOCK";
  const SharedConnection one(world(), workspace(), Path("1"), forward_);
  const SharedConnection two(world(), workspace(), Path("2"), forward_);
  std::string first;
  for (int i = 0; i < 3; ++i) {
    const Result result = RunToEnd(one.Command({"-A", workspace(), command}));
    EXPECT_EQ(result.status, 0) << result.err;
    if (i == 0) first = Socket(result);
    EXPECT_EQ(Socket(result), first) << "the same for all sessions of a connection";
  }
  const Result other = RunToEnd(two.Command({"-A", workspace(), command}));
  EXPECT_EQ(other.status, 0) << other.err;
  EXPECT_NE(Socket(other), first) << "not the same for another connection";
}

TEST_P(AgentsAreForwarded, ToNobodyElse) {
  const Result result = Ssh("stat -c %a:%F:%u $(dirname $SSH_AUTH_SOCK)", "", forward_);
  EXPECT_EQ(result.out, absl::StrCat("700:directory:", getuid(), "\n"));
}

TEST_P(AgentsAreForwarded, UntilTheConnectionEnds) {
  const Result result = Ssh("echo $SSH_AUTH_SOCK", "", forward_);
  const std::string socket = Socket(result);
  ASSERT_TRUE(absl::StartsWith(socket, "/")) << socket;
  WaitFor(
      [&] {
        const std::string folder = socket.substr(0, socket.rfind('/'));
        return access(socket.c_str(), F_OK) != 0 && access(folder.c_str(), F_OK) != 0;
      },
      absl::Seconds(10), socket + " and its folder to go");
}

TEST_P(AgentsAreForwarded, ThroughToTheNextHost) {
  // From the workspace on to the front door again, with the key that is only here.
  const std::string& door = world().address("ssh");
  const Result result =
      Ssh("ssh -o BatchMode=yes -o UserKnownHostsFile=" + world().Path("known_hosts") +
              " -o GlobalKnownHostsFile=/dev/null -p " + door.substr(door.find(':') + 1) +
              " dev@127.0.0.1 echo arrived",
          "", forward_);
  EXPECT_EQ(result.out, "arrived\n") << result.err;
}

TEST_P(AgentsAreForwarded, ManyTimesAtOnce) {
  const Result result =
      Ssh("for i in $(seq 20); do ssh-add -l >/dev/null & pids=\"$pids $!\"; done; "
          "for pid in $pids; do wait $pid || exit 1; done; echo all",
          "", forward_);
  EXPECT_EQ(result.out, "all\n") << result.err;
}

}  // namespace
}  // namespace homeport::story
