// Inside a workspace git and onward ssh use the owner's key through ~/.coder-ssh-agent.sock, while
// the private key stays with the coordinator.
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "tests/integration/wait_for.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

using ::testing::HasSubstr;

constexpr char kOnwardSsh[] =
    "ssh -F none -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null";

class TheKeySocketSignsForTheOwner : public StoryOfBoth {
 protected:
  void SetUp() override {
    if (!World::WhyNoBox().empty()) GTEST_SKIP() << World::WhyNoBox();
    ASSERT_EQ(mkdir(world_.Path("home").c_str(), 0700), 0);
    socket_ = world_.Path("home/.coder-ssh-agent.sock");
    world_.home_flags = {"--home", world_.Path("home")};
    // As ~/.ssh/environment says it where the account's home is the agent's.
    world_.sshd_configuration = absl::StrCat("SetEnv SSH_AUTH_SOCK=", socket_, "\n");
    StoryOfBoth::SetUp();
    ASSERT_TRUE(WaitForSocket(true));
  }
  bool WaitForSocket(bool there) {
    return WaitFor([&] { return (access(socket_.c_str(), F_OK) == 0) == there; }, absl::Seconds(20),
                   there ? "the key socket" : "the key socket's end");
  }
  // In the workspace, with the key socket where the environment has none.
  Result Inside(const std::string& script, const Words& options = {}) {
    Words words = options;
    words.push_back(workspace());
    words.push_back(absl::StrCat("export SSH_AUTH_SOCK=${SSH_AUTH_SOCK:-", socket_, "}; ", script));
    return world_.Ssh(words, "", absl::Seconds(60));
  }

  std::string socket_;
};
HOMEPORT_STORY_OF_BOTH(TheKeySocketSignsForTheOwner);

TEST_P(TheKeySocketSignsForTheOwner, ItListsTheOwnersKeyAndNoneCanBeAdded) {
  const Result key = world_.Homeport({"keys", "show", "demo"});
  const Result listed = Inside("ssh-add -L");
  const std::string blob = key.out.substr(0, key.out.find(' ', key.out.find(' ') + 1));
  EXPECT_THAT(listed.out, HasSubstr(blob)) << listed.err;
  EXPECT_THAT(listed.out, HasSubstr("demo@example.com"));
  const Result added = Inside(
      "d=$(mktemp -d); ssh-keygen -q -t ed25519 -N '' -f $d/k; ssh-add $d/k; ssh-add -D; rm -r $d");
  EXPECT_THAT(added.err, HasSubstr("agent refused operation"));
  EXPECT_EQ(Inside("ssh-add -L").out, listed.out);
}

TEST_P(TheKeySocketSignsForTheOwner, GitClonesOverSsh) {
  if (!on_box()) {
    ASSERT_NO_FATAL_FAILURE(world_.StartBox());  // another machine, as far as git knows
  }
  const std::string host = absl::StrReplaceAll(world_.address("sshd"), {{"127.0.0.1:", ""}});
  const Result result = Inside(
      absl::StrCat("set -e; cd ", world_.Path("home"),
                   "; export GIT_CONFIG_GLOBAL=/dev/null GIT_SSH_COMMAND='", kOnwardSsh,
                   "' HOME=$PWD; git init -q origin; cd origin; echo content > file; git add file; "
                   "git -c user.name=d -c user.email=d@example.com commit -qm first; cd ..; "
                   "git clone -q ssh://",
                   getpwuid(getuid())->pw_name, "@127.0.0.1:", host,
                   "$PWD/origin copy; "
                   "cat copy/file"));
  EXPECT_EQ(result.out, "content\n") << result.err;
  const Result audit = world_.Homeport({"audit", "list", "--action", "key_socket.sign"});
  // The world's agents share this home, and the first to come has the socket.
  EXPECT_THAT(audit.out, HasSubstr("\"kind\":\"userauth\"")) << audit.err;
}

TEST_P(TheKeySocketSignsForTheOwner, SwitchedOffItIsGoneAtOnce) {
  ASSERT_EQ(world_.Homeport({"providers", "update", "local", "--key-socket", "off"}).status, 0);
  ASSERT_TRUE(WaitForSocket(false));
  EXPECT_NE(Inside("ssh-add -L").status, 0);
  ASSERT_EQ(world_.Homeport({"providers", "update", "local", "--key-socket", "on"}).status, 0);
  ASSERT_TRUE(WaitForSocket(true));
  EXPECT_EQ(Inside("ssh-add -L").status, 0);
}

TEST_P(TheKeySocketSignsForTheOwner, AnAgentOfTheUsersOwnWins) {
  const std::string agent = world_.Path("users-agent");
  Service& users = world_.service("users-agent");
  users.SetCommand({"ssh-agent", "-D", "-a", agent});
  users.Start();
  ASSERT_TRUE(
      WaitFor([&] { return access(agent.c_str(), F_OK) == 0; }, absl::Seconds(20), "agent"));
  const std::string key = world_.Path("users-key");
  const std::string make = absl::StrCat("ssh-keygen -q -t ed25519 -N '' -C users-own -f ", key,
                                        " && SSH_AUTH_SOCK=", agent, " ssh-add -q ", key);
  ASSERT_EQ(system(make.c_str()), 0);
  Process::Command ssh =
      world_.SshCommand({"-A", "-o", absl::StrCat("IdentityAgent=", agent), workspace(),
                         absl::StrCat("export SSH_AUTH_SOCK=${SSH_AUTH_SOCK:-", socket_,
                                      "}; ssh-add -l; ssh-add -l")});
  const Result with = RunToEnd(ssh, "", absl::Seconds(60));
  EXPECT_THAT(with.out, HasSubstr("users-own")) << with.err;
  EXPECT_FALSE(absl::StrContains(with.out, "demo@example.com")) << with.out;
  const Result without = Inside("ssh-add -l", {"-a"});
  EXPECT_THAT(without.out, HasSubstr("demo@example.com"));
  EXPECT_FALSE(absl::StrContains(without.out, "users-own")) << without.out;
}

}  // namespace
}  // namespace homeport::story
