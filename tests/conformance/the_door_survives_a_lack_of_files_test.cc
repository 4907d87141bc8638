// When the front door has no file descriptor left, who comes waits; who is in goes on; and when
// there are descriptors again, the door is open as before.
#include <sys/resource.h>

#include <vector>

#include "gmock/gmock.h"
#include "tests/conformance/front_door.h"
#include "tests/integration/wait_for.h"
#include "tests/raw_ssh/messages.h"

namespace homeport::story {
namespace {

using raw_ssh::RawClient;

class TheDoorSurvivesALackOfFiles : public FrontDoor {
 protected:
  // The sshproxy may open so many more files than it has open.
  static void LeaveRoomFor(int more) {
    Process& proxy = world().sshproxy().process();
    rlimit limit = {};
    ASSERT_EQ(prlimit(proxy.pid(), RLIMIT_NOFILE, nullptr, &limit), 0);
    limit.rlim_cur = static_cast<rlim_t>(proxy.open_files() + more);
    ASSERT_EQ(prlimit(proxy.pid(), RLIMIT_NOFILE, &limit, nullptr), 0);
  }
  static void LeaveRoomAgain() {
    rlimit limit = {};
    ASSERT_EQ(prlimit(world().sshproxy().process().pid(), RLIMIT_NOFILE, nullptr, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    ASSERT_EQ(prlimit(world().sshproxy().process().pid(), RLIMIT_NOFILE, &limit, nullptr), 0);
  }
};

TEST_F(TheDoorSurvivesALackOfFiles, AndOpensAgain) {
  constexpr int kRoom = 5;
  const auto session = world().LiveSession({"dev"});
  ASSERT_NO_FATAL_FAILURE(LeaveRoomFor(kRoom));
  std::vector<RawClient> crowd;
  for (int i = 0; i < 4 * kRoom; ++i) {
    crowd.push_back(Connect());
    crowd.back().SendBytes("SSH-2.0-Crowd\r\n");
  }
  World::Say(*session, "still in");
  ASSERT_NO_FATAL_FAILURE(LeaveRoomFor(0));
  RawClient patient = Connect();
  World::Say(*session, "still in");
  // Those who left make room for those who wait.
  crowd.clear();
  ASSERT_NO_FATAL_FAILURE(LeaveRoomAgain());
  EXPECT_EQ(patient.SignIn("dev", demo()), raw_ssh::kUserauthSuccess);
  EXPECT_EQ(RunCommand(patient, "echo in at last"), "in at last\n");
  EXPECT_THAT(world().sshproxy().Log(), testing::HasSubstr("cannot accept a connection"));
  World::Say(*session, "still in");
}

}  // namespace
}  // namespace homeport::story
