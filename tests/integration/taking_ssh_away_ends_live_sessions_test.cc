// A site manager switches SSH off, or a feature of it, for a provider: live connections end, or do
// less, at once, and their people are told.
#include <string>

#include "gmock/gmock.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

using ::testing::HasSubstr;

class TakingSshAway : public StoryOfBoth {
 protected:
  void Switch(const std::string& feature, const std::string& state) {
    const Result result = world_.Homeport({"providers", "update", "local", "--" + feature, state});
    EXPECT_EQ(result.status, 0) << result.err;
  }
};
HOMEPORT_STORY_OF_BOTH(TakingSshAway);

TEST_P(TakingSshAway, EndsLiveSessionsWithTheReason) {
  const auto session = world_.LiveSession({workspace()});
  const std::string control = world_.Path("control");
  const auto master = world_.TalkSsh({"-M", "-S", control, workspace(), "echo on; exec cat"});
  ASSERT_TRUE(master->WaitForOutput("on\n"));
  Switch("external-connect", "off");
  const Result ended = session->WaitToEnd(absl::Seconds(10));
  const Result shared = master->WaitToEnd(absl::Seconds(10));
  for (const Result& result : {ended, shared}) {
    EXPECT_EQ(result.status, 255);
    EXPECT_THAT(result.err, HasSubstr("SSH was disabled on this workspace: External Connect was "
                                      "switched off for its provider local."));
  }
  const Result refused = world_.Ssh({workspace(), "true"});
  EXPECT_EQ(refused.status, 255);
  EXPECT_THAT(refused.err, HasSubstr("homeport: SSH is disabled on this workspace"));
  Switch("external-connect", "on");
  EXPECT_EQ(world_.Ssh({workspace(), "echo back"}).out, "back\n");
  EXPECT_THAT(world_.Homeport({"audit", "list"}).out, HasSubstr("session.end"));
}

TEST_P(TakingSshAway, AFeatureLessLeavesTheRest) {
  const auto session = world_.LiveSession({workspace()});
  const auto transfer = world_.TalkSsh({"-s", workspace(), "sftp"});
  transfer->Send(std::string("\0\0\0\5\1\0\0\0\3", 9));
  ASSERT_TRUE(transfer->WaitForOutput(std::string("\2\0\0\0\3", 5)));
  Switch("file-transfer", "off");
  EXPECT_NE(transfer->WaitToEnd(absl::Seconds(10)).status, 0);
  World::Say(*session, "still here");
  const Result refused = world_.Ssh({"-s", workspace(), "sftp"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err,
              HasSubstr("homeport: File transfer is switched off for this workspace."));
  EXPECT_EQ(world_.Ssh({workspace(), "echo on"}).out, "on\n");

  Switch("port-forwarding", "off");
  const Result forward = world_.Ssh({"-W", "127.0.0.1:9", workspace()});
  EXPECT_THAT(forward.err, HasSubstr("Port forwarding is switched off for this workspace."));
  const Result remote =
      world_.Ssh({"-o", "ExitOnForwardFailure=yes", "-R", "0:127.0.0.1:9", workspace(), "true"});
  EXPECT_THAT(remote.err, HasSubstr("remote port forwarding failed"));
  World::Say(*session, "and still");
}

}  // namespace
}  // namespace homeport::story
