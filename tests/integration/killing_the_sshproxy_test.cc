// A front door that falls over takes its own sessions along and nothing else; the next one is the
// same door to every client.
#include <sys/stat.h>

#include "gmock/gmock.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// The status file is a new one whenever the agent's connection has changed.
ino_t StatusFile(const World& world, const std::string& workspace) {
  struct stat info = {};
  EXPECT_EQ(stat(world.Path(workspace + ".status").c_str(), &info), 0);
  return info.st_ino;
}

using KillingTheSshproxy = StoryOfBoth;
HOMEPORT_STORY_OF_BOTH(KillingTheSshproxy);

TEST_P(KillingTheSshproxy, EndsItsSessionsAndTheNextIsTheSameDoor) {
  const auto session = world_.LiveSession({workspace()});
  const ino_t status = StatusFile(world_, workspace());
  const pid_t agent = world_.agent(workspace()).process().pid();

  world_.sshproxy().Kill9();
  EXPECT_EQ(session->WaitToEnd(absl::Seconds(10)).status, 255);

  world_.Restart("sshproxy");
  const Result result = world_.Ssh({workspace(), "echo same door"});
  EXPECT_EQ(result.out, "same door\n");
  EXPECT_THAT(result.err, Not(HasSubstr("HOST IDENTIFICATION")));
  EXPECT_EQ(result.status, 0) << result.err;

  EXPECT_TRUE(IsAlive(agent));
  EXPECT_EQ(StatusFile(world_, workspace()), status) << "the agent's connection was touched";
}

}  // namespace
}  // namespace homeport::story
