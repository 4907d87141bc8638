// An agent that is killed ends the sessions of its workspace, which is offline from then on until
// the agent is started again; other workspaces go on.
#include "gmock/gmock.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

using ::testing::HasSubstr;

class KillingAnAgent : public StoryOfBoth {
 protected:
  void SetUp() override {
    StoryOfBoth::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    world_.AddWorkspace("demo/other");
    world_.StartAgent("other");
    ASSERT_TRUE(world_.WaitForAgent("other"));
  }
};
HOMEPORT_STORY_OF_BOTH(KillingAnAgent);

TEST_P(KillingAnAgent, EndsItsSessionsAndNobodyElses) {
  const auto session = world_.LiveSession({workspace()});
  const auto others = world_.LiveSession({"-l", "other", "dev"});

  world_.agent(workspace()).Kill9();
  const Result ended = session->WaitToEnd(absl::Seconds(10));
  EXPECT_EQ(ended.status, 255);
  EXPECT_THAT(ended.err, HasSubstr("The connection to the workspace ended."));
  world_.Say(*others, "not concerned");

  ASSERT_TRUE(world_.WaitForOnline("demo/" + workspace(), false));
  const Result refused = world_.Ssh({workspace(), "echo never"});
  EXPECT_EQ(refused.status, 255);
  EXPECT_EQ(refused.out, "");
  EXPECT_THAT(refused.err, HasSubstr("The workspace " + workspace() + " is offline"));

  world_.Restart("agent-" + workspace());
  EXPECT_EQ(world_.Ssh({workspace(), "echo back"}).out, "back\n");
  world_.Say(*others, "still not concerned");
}

TEST_P(KillingAnAgent, InTheMiddleOfASignInIsToldAtOnce) {
  // However the kill and the sign-in fall, ssh ends soon, and with a sentence if it fails.
  for (int round = 0; round < 3; ++round) {
    const auto ssh = world_.TalkSsh({"-v", workspace(), "cat"});
    ASSERT_TRUE(ssh->WaitForError("Server accepts key"));
    world_.agent(workspace()).Kill9();
    const Result result = ssh->WaitToEnd(absl::Seconds(15));
    EXPECT_EQ(result.status, 255);
    EXPECT_THAT(result.err, testing::ContainsRegex("[Tt]he workspace"));
    world_.Restart("agent-" + workspace());
  }
  EXPECT_EQ(world_.Ssh({workspace(), "echo back"}).out, "back\n");
}

}  // namespace
}  // namespace homeport::story
