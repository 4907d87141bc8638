// Who is cut off from the coordinator keeps live sessions for a while, and then ends them: they can
// no longer be vouched for.
#include "gmock/gmock.h"
#include "tests/integration/wait_for.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

using ::testing::HasSubstr;

class CutOffFromTheCoordinator : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (on_box() && !World::WhyNoBox().empty()) GTEST_SKIP() << World::WhyNoBox();
  }
  bool on_box() const { return std::string(GetParam()) == "box"; }
  void Start() {
    world_.Start();
    if (on_box()) world_.StartBox();
  }
  // Longer than a session needs to show that it goes on, much shorter than the default.
  static constexpr char kShort[] = "3s";

  World world_;
};
HOMEPORT_STORY_OF_BOTH(CutOffFromTheCoordinator);

TEST_P(CutOffFromTheCoordinator, TheProxyEndsItsSessionsInTheEnd) {
  world_.sshproxy_flags = {"--staleness", kShort};
  Start();
  const auto session = world_.LiveSession({GetParam()});
  world_.coordinator().Kill9();
  World::Say(*session, "going on");
  const Result ended = session->WaitToEnd();
  EXPECT_EQ(ended.status, 255);
  EXPECT_THAT(ended.err, HasSubstr("Homeport lost its coordinator"));
}

TEST_P(CutOffFromTheCoordinator, TheAgentEndsItsTunnelsInTheEnd) {
  world_.agent_flags = {"--staleness", kShort};
  Start();
  const auto session = world_.LiveSession({GetParam()});
  world_.coordinator().Kill9();
  World::Say(*session, "going on");
  EXPECT_EQ(session->WaitToEnd().status, 255);
}

TEST_P(CutOffFromTheCoordinator, WhoComesBackInTimeKeepsThem) {
  world_.sshproxy_flags = {"--staleness", "20s"};
  world_.agent_flags = {"--staleness", "20s"};
  Start();
  const auto session = world_.LiveSession({GetParam()});
  world_.coordinator().Kill9();
  world_.Restart("coordinator");
  ASSERT_TRUE(world_.WaitForOnline(std::string("demo/") + GetParam(), true));
  EXPECT_EQ(world_.Ssh({GetParam(), "echo in"}).out, "in\n");
  World::Say(*session, "going on");
}

}  // namespace
}  // namespace homeport::story
