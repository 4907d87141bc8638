// A service that is asked to stop lets people finish, says so to whoever asks, and stops at once if
// asked again.
#include <csignal>

#include "base/exit_code.h"
#include "gmock/gmock.h"
#include "tests/integration/tcp_connection.h"
#include "tests/integration/wait_for.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

using ::testing::HasSubstr;

class Draining : public StoryOfBoth {
 protected:
  void WaitUntilProxyDrains() {
    const std::string ops = world_.address("sshproxy_ops");
    ASSERT_TRUE(WaitFor([&] { return HttpGet(ops, "/readyz").status == 503; }, absl::Seconds(10),
                        "the proxy to say that it is not ready"));
    ASSERT_TRUE(WaitFor([&] { return !TcpConnection(world_.address("ssh")).connected(); },
                        absl::Seconds(10), "the proxy to take no new connections"));
  }
};
HOMEPORT_STORY_OF_BOTH(Draining);

TEST_P(Draining, TheProxyLetsItsSessionsFinish) {
  const auto session = world_.LiveSession({workspace()});
  Process& proxy = world_.sshproxy().process();
  proxy.Signal(SIGTERM);
  ASSERT_NO_FATAL_FAILURE(WaitUntilProxyDrains());
  world_.Say(*session, "still here");
  EXPECT_EQ(world_.Ssh({workspace(), "echo never"}).status, 255);
  world_.Say(*session, "and still");
  EXPECT_TRUE(proxy.running());
  session->CloseInput();
  EXPECT_EQ(session->WaitToEnd().status, 0);
  EXPECT_EQ(proxy.WaitToEnd(absl::Seconds(10)), kExitOk);
}

TEST_P(Draining, ASecondSignalEndsThemWithASentence) {
  const auto session = world_.LiveSession({workspace()});
  Process& proxy = world_.sshproxy().process();
  proxy.Signal(SIGTERM);
  ASSERT_NO_FATAL_FAILURE(WaitUntilProxyDrains());
  world_.Say(*session, "still here");
  proxy.Signal(SIGTERM);
  const Result ended = session->WaitToEnd(absl::Seconds(5));
  EXPECT_EQ(ended.status, 255);
  EXPECT_THAT(ended.err, HasSubstr("The SSH proxy is stopping."));
  EXPECT_EQ(proxy.WaitToEnd(absl::Seconds(5)), kExitOk);
}

TEST_P(Draining, TheCoordinatorStopsQuicklyAndSessionsGoOn) {
  const auto session = world_.LiveSession({workspace()});
  EXPECT_EQ(world_.coordinator().Terminate(absl::Seconds(5)), kExitOk);
  world_.Say(*session, "not concerned");
  world_.Restart("coordinator");
  EXPECT_TRUE(world_.WaitForOnline("demo/" + workspace(), true));
  EXPECT_EQ(world_.Ssh({workspace(), "echo new"}).out, "new\n");
  world_.Say(*session, "not concerned at all");
}

TEST_P(Draining, AnIdleAgentAndAnIdleProxyStopQuickly) {
  EXPECT_EQ(world_.Ssh({workspace(), "echo once"}).out, "once\n");
  EXPECT_EQ(world_.agent(workspace()).Terminate(absl::Seconds(5)), kExitOk);
  EXPECT_TRUE(world_.WaitForOnline("demo/" + workspace(), false));
  EXPECT_EQ(world_.sshproxy().Terminate(absl::Seconds(5)), kExitOk);
}

TEST_P(Draining, AnAgentLetsItsSessionsFinish) {
  const auto session = world_.LiveSession({workspace()});
  Process& agent = world_.agent(workspace()).process();
  agent.Signal(SIGTERM);
  ASSERT_TRUE(world_.agent(workspace()).WaitForLog("stopping: no new tunnels"));
  const Result refused = world_.Ssh({workspace(), "echo never"});
  EXPECT_EQ(refused.status, 255);
  EXPECT_THAT(refused.err, HasSubstr("homeport: "));
  world_.Say(*session, "still here");
  session->CloseInput();
  EXPECT_EQ(session->WaitToEnd().status, 0);
  EXPECT_EQ(agent.WaitToEnd(absl::Seconds(10)), kExitOk);
}

}  // namespace
}  // namespace homeport::story
