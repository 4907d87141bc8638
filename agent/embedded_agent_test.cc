// The client's ssh-agent in the workspace, through the real ssh and ssh-agent.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "agent/embedded_server_fixture.h"
#include "gmock/gmock.h"

namespace homeport::agent {
namespace {

using ::testing::HasSubstr;

constexpr char kAgent[] = R"SH(
eval "$(ssh-agent -a $DIR/users-agent)" > /dev/null
trap 'kill $SSH_AGENT_PID' EXIT
ssh-add -q $DIR/owner
SSH=${SSH/-oIdentityAgent=none/-oIdentityAgent=$DIR/users-agent}
)SH";

class EmbeddedAgentTest : public EmbeddedServerFixture {
 protected:
  CommandResult RunWithAgent(const std::string& script) { return Run(kAgent + script); }
};

TEST_F(EmbeddedAgentTest, KeysOfTheUsersAgentAreThere) {
  const CommandResult result = RunWithAgent(R"SH(
ssh-add -l
$SSH -A $TO 'ssh-add -l; stat -c %a $SSH_AUTH_SOCK $(dirname $SSH_AUTH_SOCK); echo $SSH_AUTH_SOCK'
)SH");
  const size_t half = result.out.find('\n') + 1;
  ASSERT_GT(half, 20u) << result.err;
  EXPECT_EQ(result.out.substr(half, half), result.out.substr(0, half)) << result.err;
  EXPECT_THAT(result.out, HasSubstr("\n600\n700\n/tmp/ssh-"));
  const std::string path(
      absl::StripAsciiWhitespace(result.out.substr(result.out.find("/tmp/ssh-"))));
  EXPECT_TRUE(absl::StrContains(path, "/agent."));
  AwaitOrFail("the socket's end", [&] { return access(path.c_str(), F_OK) != 0; });
  AwaitOrFail("the folder's end",
              [&] { return !std::filesystem::exists(path.substr(0, path.rfind('/'))); });
}

TEST_F(EmbeddedAgentTest, OneSocketServesAllSessionsOfAConnectionThatStartAfterTheRequest) {
  const CommandResult result = RunWithAgent(R"SH(
$SSH -A -M -S $DIR/mux -N -f $TO
mux="$SSH -S $DIR/mux"
$mux -a $TO 'echo "none:$SSH_AUTH_SOCK"'
a=$($mux -A $TO 'echo $SSH_AUTH_SOCK; ssh-add -l > /dev/null && echo keys')
b=$($mux -A $TO 'echo $SSH_AUTH_SOCK; ssh-add -l > /dev/null && echo keys')
[ "$a" = "$b" ] && echo same
echo "$a" | tail -n 1
$mux -a $TO 'ssh-add -l > /dev/null && echo as-with-sshd'
$mux -O exit $TO
)SH");
  EXPECT_EQ(result.out, "none:\nsame\nkeys\nas-with-sshd\n") << result.err;
}

TEST_F(EmbeddedAgentTest, WithoutARequestThereIsNone) {
  EXPECT_EQ(RunWithAgent("$SSH -a $TO 'echo \"none:$SSH_AUTH_SOCK\"'").out, "none:\n");
}

}  // namespace
}  // namespace homeport::agent
