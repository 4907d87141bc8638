// A connection lives through what happens to long ones: new keys in the middle of large transfers,
// with either side asking, and silence, during which ssh wants to hear that the other side is
// there.
#include <csignal>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "gmock/gmock.h"
#include "tests/conformance/both_backends.h"
#include "tests/conformance/peer.h"
#include "tests/integration/tcp_connection.h"

namespace homeport::story {
namespace {

using ::testing::HasSubstr;

int Count(absl::string_view text, absl::string_view part) {
  int count = 0;
  for (size_t at = 0; (at = text.find(part, at)) != absl::string_view::npos; at += part.size()) {
    ++count;
  }
  return count;
}

class LongConnectionsLast : public BothBackends {
 public:
  // box's sshd wants new keys too, and says so in its log.
  static void SetUpTestSuite() { StartWorld("RekeyLimit 8M\nLogLevel DEBUG1\n"); }

 protected:
  static int KeysOfSshd() { return Count(world().service("sshd").Log(), "SSH2_MSG_NEWKEYS sent"); }
};
HOMEPORT_STORY_OF_BOTH(LongConnectionsLast);

TEST_P(LongConnectionsLast, ThroughNewKeysWhileFilesComeAndGo) {
  ASSERT_EQ(Bash("head -c 67108864 /dev/urandom >from").status, 0);
  const Result result = Bash(
      "$SSH -v -o RekeyLimit=16M $WS \"cat >$DIR/up\" <from 2>up.log; "
      "$SSH -v -o RekeyLimit=16M $WS \"cat $DIR/up\" >down 2>down.log; cmp from down");
  EXPECT_EQ(result.status, 0) << result.out << result.err;
  for (const char* log : {"up.log", "down.log"}) {
    EXPECT_GE(Count(ReadFile(Path(log)).value_or(""), "SSH2_MSG_NEWKEYS sent"), 4) << log;
  }
}

TEST_P(LongConnectionsLast, ThroughNewKeysWithManyChannelsInUse) {
  const EchoServer echo;
  SharedConnection shared(world(), workspace(), Path("s"), {"-v", "-o", "RekeyLimit=2M"});
  const std::string port = FreePort();
  ASSERT_EQ(shared.Order("forward", {"-L", port + ":" + echo.address()}).status, 0);
  std::vector<std::unique_ptr<Conversation>> sessions;
  const std::string large = KnownBytes(6 << 20);
  for (int i = 0; i < 4; ++i) {
    sessions.push_back(std::make_unique<Conversation>(shared.Command({workspace(), "cat"})));
    sessions.back()->Send(large);
    sessions.back()->CloseInput();
  }
  for (const auto& session : sessions) session->Pump(absl::Milliseconds(1));
  EXPECT_TRUE(Exchange("127.0.0.1:" + port, large) == large);
  for (const auto& session : sessions) {
    const Result result = session->WaitToEnd(absl::Seconds(60));
    EXPECT_TRUE(result.out == large) << result.out.size() << " bytes came back";
    EXPECT_EQ(result.status, 0);
  }
  shared.Order("exit");
  EXPECT_GE(Count(shared.master().WaitToEnd().err, "SSH2_MSG_NEWKEYS sent"), 5);
}

TEST_P(LongConnectionsLast, ThroughNewKeysThatTheWorkspaceAsksFor) {
  if (!on_box()) GTEST_SKIP() << "the agent's own server leaves it to the front door";
  ASSERT_EQ(Bash("head -c 67108864 /dev/urandom >from").status, 0);
  for (const char* script : {"$SSH $WS \"cat >$DIR/up\" <from; cmp from up",
                             "$SSH $WS \"cat $DIR/from\" >down; cmp from down",
                             "$SSH $WS \"cat\" <from >both; cmp from both"}) {
    const int before = KeysOfSshd();
    const Result result = Bash(script);
    EXPECT_EQ(result.status, 0) << result.out << result.err;
    EXPECT_GE(KeysOfSshd() - before, 5) << script;
  }
}

TEST_P(LongConnectionsLast, WhenSshAsksWhetherAnybodyIsThere) {
  const auto ssh = world().TalkSsh(
      {"-vvv", "-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=2", workspace(), "cat"});
  // Three answers: without them ssh would have given up after two.
  WaitFor(
      [&] {
        ssh->Pump(absl::Milliseconds(10));
        return Count(ssh->err(), "receive packet: type 82") >= 3 || !ssh->process().running();
      },
      absl::Seconds(20), "three answers to keepalives");
  EXPECT_TRUE(ssh->process().running()) << ssh->err();
  World::Say(*ssh, "alive");
}

TEST_P(LongConnectionsLast, UnlessNobodyIsThere) {
  const auto ssh = world().TalkSsh(
      {"-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=1", workspace(), "cat"});
  World::Say(*ssh, "alive");
  world().sshproxy().process().Signal(SIGSTOP);
  const Result result = ssh->WaitToEnd();
  world().sshproxy().process().Signal(SIGCONT);
  EXPECT_EQ(result.status, 255);
  EXPECT_THAT(result.err, HasSubstr("not responding"));
}

}  // namespace
}  // namespace homeport::story
