// The coordinator may be gone at any moment: who is connected notices nothing, who comes in
// meanwhile waits, and what it had said yes to is there again afterwards.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/integration/wait_for.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kBackWithin = absl::Seconds(20);

class KillingTheCoordinator : public StoryOfBoth {
 protected:
  void ExpectEverybodyBack() {
    EXPECT_TRUE(world_.WaitForOnline("demo/" + workspace(), true, kBackWithin));
    EXPECT_TRUE(WaitFor(
        [&] {
          return world_.Metric(world_.address("coordinator_ops"),
                               "homeport_coordinator_proxies_connected") == 1;
        },
        kBackWithin, "the proxy to be connected again"));
  }
};
HOMEPORT_STORY_OF_BOTH(KillingTheCoordinator);

TEST_P(KillingTheCoordinator, LeavesLiveSessionsAlone) {
  const auto session = world_.LiveSession({workspace()});
  world_.coordinator().Kill9();
  world_.Say(*session, "while it is away");
  world_.Restart("coordinator");
  world_.Say(*session, "after its return");
  ExpectEverybodyBack();
  world_.Say(*session, "after all are back");
  EXPECT_EQ(world_.Ssh({workspace(), "echo new"}).out, "new\n");
  session->CloseInput();
  EXPECT_EQ(session->WaitToEnd().status, 0);
}

TEST_P(KillingTheCoordinator, MakesASignInWaitUntilItIsBack) {
  world_.coordinator().Kill9();
  const auto ssh = world_.TalkSsh({"-v", workspace(), "echo patience"});
  ASSERT_TRUE(ssh->WaitForError("Server accepts key"));  // now it signs, and the proxy has to ask
  world_.Restart("coordinator");
  ASSERT_TRUE(WaitFor(
      [&] {
        ssh->Pump(absl::ZeroDuration());
        return !ssh->process().running();
      },
      kBackWithin, "the end of the sign-in"));
  const Result result = ssh->WaitToEnd();
  // Who is back first, agent or proxy, is chance; the person is told if the workspace is not.
  if (result.status == 0) {
    EXPECT_EQ(result.out, "patience\n");
  } else {
    EXPECT_THAT(result.err, HasSubstr("is offline"));
    EXPECT_EQ(result.status, 255);
  }
  ExpectEverybodyBack();
  EXPECT_EQ(world_.Ssh({workspace(), "echo patience"}).out, "patience\n");
}

using KillingTheCoordinatorItself = Story;

TEST_F(KillingTheCoordinatorItself, LosesNothingThatItSaidYesTo) {
  const std::string host_key = world_.Homeport({"front-door"}).out;
  const std::string demo = world_.Homeport({"users", "get", "demo", "--output", "json"}).out;
  for (int i = 0; i < 5; ++i) {
    world_.AddUser(absl::StrCat("user", i));
    const std::string workspace = absl::StrCat("user", i, "/ws", i);
    world_.AddWorkspace(workspace);
    world_.coordinator().Kill9();
    world_.Restart("coordinator");
    EXPECT_EQ(world_.Homeport({"workspaces", "get", workspace}).status, 0);
    EXPECT_EQ(world_.HomeportAs(absl::StrCat("user", i), {"whoami"}).status, 0);
  }
  EXPECT_EQ(world_.Homeport({"front-door"}).out, host_key);
  EXPECT_EQ(world_.Homeport({"users", "get", "demo", "--output", "json"}).out, demo);
  EXPECT_TRUE(world_.WaitForOnline("demo/dev", true, kBackWithin));
  EXPECT_EQ(world_.Ssh({"dev", "echo again"}).out, "again\n");
}

TEST_F(KillingTheCoordinatorItself, ForLongEndsASignInWithASentence) {
  world_.coordinator().Kill9();
  const Result result = world_.Ssh({"dev", "echo never"}, "", absl::Seconds(50));
  EXPECT_EQ(result.status, 255);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, HasSubstr("Homeport cannot check your key at the moment"));
}

}  // namespace
}  // namespace homeport::story
