// A change of policy, of a key or of an account ends what it forbids: on every replica,
// ControlMaster connections and forwards included, with one sentence for the person; and nothing
// else. The command that makes the change returns when that has happened. The same where two
// coordinators share a database, with a proxy at each and the agents at the second.
#include <unistd.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/file.h"
#include "gmock/gmock.h"
#include "tests/integration/live_connections.h"
#include "tests/integration/wait_for.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

using ::testing::HasSubstr;

class PolicyReachesLiveConnections : public StoryOfBoth {
 protected:
  void SetUp() override {
    StoryOfBoth::SetUp();
    if (IsSkipped()) return;
    if (replicas()) world_.coordinator_of["sshproxy-2"] = world_.address("grpc-2");
    world_.StartSshproxy("sshproxy-2");
    const std::string& door = world_.address("ssh-2");
    port_ = door.substr(door.find(':') + 1);
    const Result known = world_.Homeport({"front-door", "--known-hosts", "127.0.0.1", port_});
    ASSERT_EQ(known.status, 0) << known.err;
    ASSERT_TRUE(WriteFileAtomically(world_.Path("known_hosts-2"), known.out, 0600).ok());
    second_ = {"-p", port_, "-o", "UserKnownHostsFile=" + world_.Path("known_hosts-2")};
  }

  // Through both proxies.
  void Connect(const Words& options = {}) {
    here_ = std::make_unique<LiveConnections>(world_, workspace(), options);
    Words there = second_;
    there.insert(there.end(), options.begin(), options.end());
    there_ = std::make_unique<LiveConnections>(world_, workspace(), there);
  }
  void ExpectAlive() {
    here_->ExpectAlive();
    there_->ExpectAlive();
  }
  void ExpectEnded(const std::string& sentence) {
    here_->ExpectEnded(sentence);
    there_->ExpectEnded(sentence);
  }
  void Do(const Words& words) {
    const Result result = world_.Homeport(words);
    ASSERT_EQ(result.status, 0) << result.err;
  }
  // What a new connection gets, by both doors.
  void ExpectRefused(const std::string& sentence) {
    for (const Words& options : {Words{}, second_}) {
      Words words = options;
      words.insert(words.end(), {workspace(), "echo in"});
      const Result result = world_.Ssh(words);
      EXPECT_EQ(result.status, 255);
      EXPECT_EQ(result.out, "");
      EXPECT_THAT(result.err, HasSubstr(sentence));
    }
  }
  void ExpectWelcome(const Words& options = {}) {
    Words words = options;
    words.insert(words.end(), {workspace(), "echo in"});
    const Result result = world_.Ssh(words);
    EXPECT_EQ(result.out, "in\n") << result.err;
  }
  // A key of demo's own, added; its file.
  std::string AddOwnKey(const std::string& name) {
    const std::string file = world_.Path(name);
    Process::Command keygen;
    keygen.arguments = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file};
    EXPECT_EQ(RunToEnd(keygen).status, 0);
    const Result added = world_.HomeportAs("demo", {"keys", "add", file + ".pub", "--name", name});
    EXPECT_EQ(added.status, 0) << added.err;
    return file;
  }

  // The world's ssh command with this key alone.
  Process::Command CommandWithKey(const std::string& file, const std::string& command) const {
    Process::Command ssh = world_.SshCommand({workspace(), command});
    for (std::string& word : ssh.arguments) {
      if (word == world_.KeyFile("demo")) word = file;
    }
    return ssh;
  }

  std::string port_;
  Words second_;  // options that lead to the second proxy
  std::unique_ptr<LiveConnections> here_, there_;
};
HOMEPORT_STORY_OF_BOTH_AND_REPLICAS(PolicyReachesLiveConnections);

TEST_P(PolicyReachesLiveConnections, ExternalConnectOff) {
  Do({"providers", "create", "other"});
  Connect();
  Do({"providers", "update", "other", "--external-connect", "off"});
  ExpectAlive();
  Do({"providers", "update", "local", "--external-connect", "off"});
  ExpectEnded("SSH was disabled on this workspace");
  ExpectRefused("SSH is disabled on this workspace");
  Do({"providers", "update", "local", "--external-connect", "on"});
  ExpectWelcome();
}

// With ControlPersist a client keeps its connection, also one that was only told no.
TEST_P(PolicyReachesLiveConnections, ARefusalDoesNotOutliveItsReason) {
  const Words shared = {"-o", "ControlMaster=auto",
                        "-o", "ControlPersist=60",
                        "-o", "ControlPath=" + world_.Path("persist")};
  const auto ssh = [&] {
    Words words = shared;
    words.insert(words.end(), {workspace(), "echo in"});
    return world_.Ssh(words);
  };
  Do({"providers", "update", "local", "--external-connect", "off"});
  EXPECT_THAT(ssh().err, HasSubstr("SSH is disabled on this workspace"));
  Do({"providers", "update", "local", "--external-connect", "on"});
  WaitFor([&] { return access(world_.Path("persist").c_str(), F_OK) != 0; }, absl::Seconds(20),
          "the refused connection to end");
  EXPECT_EQ(ssh().out, "in\n");
  // Who asks for no session is told as well.
  Do({"providers", "update", "local", "--external-connect", "off"});
  const Result waiting = world_.Ssh({"-N", workspace()});
  EXPECT_EQ(waiting.status, 255);
  EXPECT_THAT(waiting.err, HasSubstr("SSH is disabled on this workspace"));
}

TEST_P(PolicyReachesLiveConnections, AKeyRegenerated) {
  const std::string own = AddOwnKey("laptop");
  Conversation with_own(CommandWithKey(own, "cat"));
  World::Say(with_own, "alive");
  Connect();
  const Result regenerated = world_.HomeportAs("demo", {"keys", "regenerate", "--yes"});
  ASSERT_EQ(regenerated.status, 0) << regenerated.err;
  ExpectEnded("The key that this connection signed in with was regenerated.");
  World::Say(with_own, "still alive");
  const Result old = world_.Ssh({workspace(), "echo in"});
  EXPECT_EQ(old.status, 255);
  EXPECT_THAT(old.err, HasSubstr("Permission denied (publickey)"));
  const Result downloaded =
      world_.HomeportAs("demo", {"keys", "download", "--force", "--file", world_.KeyFile("demo")});
  ASSERT_EQ(downloaded.status, 0) << downloaded.err;
  if (on_box()) {
    // The agent is told to leave files alone here, so its part is done by hand.
    const Result shown = world_.Homeport({"keys", "show", "demo"});
    ASSERT_TRUE(WriteFileAtomically(world_.Path("box-sshd/authorized_keys"), shown.out, 0600).ok());
  }
  ExpectWelcome();
}

TEST_P(PolicyReachesLiveConnections, AKeyOfOnesOwnRemoved) {
  const std::string own = AddOwnKey("laptop");
  Conversation with_own(CommandWithKey(own, "cat"));
  World::Say(with_own, "alive");
  Connect();
  const Result removed = world_.HomeportAs("demo", {"keys", "remove", "laptop"});
  ASSERT_EQ(removed.status, 0) << removed.err;
  const Result ended = with_own.WaitToEnd();
  EXPECT_EQ(ended.status, 255);
  EXPECT_THAT(ended.err, HasSubstr("The key that this connection signed in with was removed."));
  ExpectAlive();
  const Result again = RunToEnd(CommandWithKey(own, "echo in"));
  EXPECT_EQ(again.status, 255);
  EXPECT_THAT(again.err, HasSubstr("Permission denied (publickey)"));
}

TEST_P(PolicyReachesLiveConnections, AUserSuspended) {
  Connect();
  Do({"users", "update", "demo", "--suspend"});
  ExpectEnded("Your account was suspended.");
  ExpectRefused("Your account is suspended.");
  EXPECT_NE(world_.HomeportAs("demo", {"whoami"}).status, 0) << "nor does the token work";
  Do({"users", "update", "demo", "--activate"});
  ExpectWelcome();
}

TEST_P(PolicyReachesLiveConnections, AWorkspaceDeleted) {
  Connect();
  Do({"workspaces", "delete", "demo/" + workspace()});
  ExpectEnded("The workspace was deleted.");
  ExpectRefused("You have no workspace");
}

TEST_P(PolicyReachesLiveConnections, ACredentialRevoked) {
  Connect();
  Do({"workspaces", "revoke-credential", "demo/" + workspace()});
  ExpectEnded("The workspace's credential was revoked.");
}

TEST_P(PolicyReachesLiveConnections, SessionsEndedByASiteManager) {
  Connect();
  Do({"sessions", "end", "--workspace", "demo/" + workspace(), "--reason",
      "The cluster is being upgraded"});
  ExpectEnded("A site manager ended this session: The cluster is being upgraded");
  ExpectWelcome();
  Connect();
  Do({"sessions", "end", "--user", "demo"});
  ExpectEnded("A site manager ended this session.");
}

TEST_P(PolicyReachesLiveConnections, PortForwardingOffClosesForwardsAlone) {
  LiveConnections live(world_, workspace());
  Do({"providers", "update", "local", "--port-forwarding", "off"});
  live.ExpectForwardEnded();
  const std::string port = FreePort();
  const Result refused = world_.Ssh({"-o", "ExitOnForwardFailure=yes", "-R",
                                     absl::StrCat(port, ":127.0.0.1:22"), workspace(), "echo in"});
  EXPECT_EQ(refused.status, 255);
  EXPECT_THAT(refused.err, HasSubstr("remote port forwarding failed"));
  const Result direct = world_.Ssh({"-W", "127.0.0.1:22", workspace()});
  EXPECT_EQ(direct.status, 255);
  EXPECT_THAT(direct.err, HasSubstr("administratively prohibited"));
  ExpectWelcome();
}

TEST_P(PolicyReachesLiveConnections, FileTransferOffIsSaidInWords) {
  Do({"providers", "update", "local", "--file-transfer", "off"});
  const std::string file = world_.Path("a file");
  ASSERT_TRUE(WriteFileAtomically(file, "x", 0600).ok());
  for (const Words& how : {Words{}, Words{"-O"}}) {
    Process::Command scp;
    scp.arguments = {"scp", "-q", "-F", world_.Path("ssh_config"), "-i", world_.KeyFile("demo")};
    scp.arguments.insert(scp.arguments.end(), how.begin(), how.end());
    scp.arguments.insert(scp.arguments.end(), {file, workspace() + ":/tmp/homeport-never"});
    const Result result = RunToEnd(scp);
    EXPECT_NE(result.status, 0);
    EXPECT_THAT(result.err, HasSubstr("File transfer is switched off for this workspace."));
  }
  ExpectWelcome();
}

TEST_P(PolicyReachesLiveConnections, AgentForwardingOffLeavesNoSocket) {
  Process::Command ssh = world_.SshCommand({"-A", "-o", "IdentityAgent=SSH_AUTH_SOCK", workspace(),
                                            "test -S \"$SSH_AUTH_SOCK\" && echo there; true"});
  ssh.arguments.insert(ssh.arguments.begin(), "ssh-agent");
  EXPECT_EQ(RunToEnd(ssh).out, "there\n");
  Do({"providers", "update", "local", "--agent-forwarding", "off"});
  EXPECT_EQ(RunToEnd(ssh).out, "");
}

}  // namespace
}  // namespace homeport::story
