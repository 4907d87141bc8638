// When the workspace ends a connection and says why, the person reads that sentence; when it ends
// without a word, they still read what happened.
#include <csignal>

#include "absl/strings/numbers.h"
#include "base/exit_code.h"
#include "gmock/gmock.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

using ::testing::HasSubstr;

class AWorkspacesFarewell : public StoryOfBoth {};
HOMEPORT_STORY_OF_BOTH(AWorkspacesFarewell);

TEST_P(AWorkspacesFarewell, IsReadWhenItsAgentIsStopped) {
  const auto session = world_.LiveSession({workspace()});
  Process& agent = world_.agent(workspace()).process();
  agent.Signal(SIGTERM);
  // It lets sessions finish until it is asked again.
  ASSERT_TRUE(world_.agent(workspace()).WaitForLog("stopping: no new tunnels"));
  World::Say(*session, "still here");
  agent.Signal(SIGTERM);
  const Result ended = session->WaitToEnd(absl::Seconds(10));
  EXPECT_EQ(ended.status, 255);
  if (on_box()) {
    // The agent passes encrypted bytes between OpenSSH and the proxy: it cannot speak for OpenSSH.
    EXPECT_THAT(ended.err, HasSubstr("The connection to the workspace ended."));
  } else {
    EXPECT_THAT(
        ended.err,
        HasSubstr("The workspace ended the connection: The workspace's agent is stopping."));
  }
  EXPECT_EQ(agent.WaitToEnd(absl::Seconds(10)), kExitOk);
}

TEST_P(AWorkspacesFarewell, IsMissedIfItsServerIsKilled) {
  if (!on_box()) GTEST_SKIP() << "killing_an_agent_test kills the server of dev";
  const auto session = world_.TalkSsh({workspace(), "echo $PPID. >&2; exec cat"});
  ASSERT_TRUE(session->WaitForError(".\n"));
  int server = 0;
  ASSERT_TRUE(absl::SimpleAtoi(session->err().substr(0, session->err().find('.')), &server));
  // sshd's process for this connection. Told to end, it may take its time over it.
  ASSERT_EQ(kill(server, SIGKILL), 0);
  const Result ended = session->WaitToEnd(absl::Seconds(10));
  EXPECT_EQ(ended.status, 255);
  EXPECT_THAT(ended.err, HasSubstr("The connection to the workspace ended."));
}

}  // namespace
}  // namespace homeport::story
