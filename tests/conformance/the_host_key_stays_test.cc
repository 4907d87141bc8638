// The front door shows the same host key after a restart of whatever is behind it, so that no
// client ever warns of a change.
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "tests/conformance/both_backends.h"

namespace homeport::story {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class TheHostKeyStays : public BothBackends {
 protected:
  // As ssh-keyscan sees it, sorted.
  std::string HostKeys() const {
    const std::string& door = world().address("ssh");
    const Result scan =
        Bash("ssh-keyscan -p " + door.substr(door.find(':') + 1) + " 127.0.0.1 2>/dev/null | sort");
    EXPECT_EQ(scan.status, 0) << scan.err;
    return scan.out;
  }
};
HOMEPORT_STORY_OF_BOTH(TheHostKeyStays);

TEST_P(TheHostKeyStays, WhenTheProxyStartsAgain) {
  const std::string before = HostKeys();
  EXPECT_THAT(before, HasSubstr("ssh-ed25519 "));
  for (const char* service : {"sshproxy", "coordinator"}) {
    world().service(service).Terminate();
    world().Restart(service);
    world().WaitForAgent(workspace());
    world().WaitForOnline("demo/" + workspace(), true);
    EXPECT_EQ(HostKeys(), before) << "after a restart of " << service;
    const Result result = Ssh("echo same", "", {"-o", "StrictHostKeyChecking=yes"});
    EXPECT_EQ(result.out, "same\n") << result.err;
    EXPECT_THAT(result.err, Not(HasSubstr("HOST IDENTIFICATION")));
  }
}

}  // namespace
}  // namespace homeport::story
