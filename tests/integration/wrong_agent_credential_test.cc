// An agent is nobody without its workspace's credential, says so, and is let in as soon as it has
// it; a deleted workspace has none any more.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "gmock/gmock.h"
#include "tests/integration/wait_for.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class WrongAgentCredential : public Story {
 protected:
  // Waits until the agent has been told no, and said so.
  void WaitForRefusal(const std::string& workspace, const std::string& why = "credential") {
    ASSERT_TRUE(WaitFor(
        [&] {
          const std::string status = world_.AgentStatus(workspace);
          return absl::StrContains(status, "state=disconnected\n") &&
                 absl::StrContains(status, "error=") && !absl::StrContains(status, "error=\n");
        },
        absl::Seconds(20), "the status file to say what is wrong"));
    EXPECT_THAT(world_.AgentStatus(workspace), HasSubstr(why));
    EXPECT_THAT(world_.agent(workspace).Log(), HasSubstr(why));
    EXPECT_TRUE(world_.agent(workspace).running()) << "it goes on trying";
  }
  double AgentsConnected() {
    return world_.Metric(world_.address("coordinator_ops"),
                         "homeport_coordinator_agents_connected");
  }
};

TEST_F(WrongAgentCredential, IsSaidAndRightedWhileTheAgentRuns) {
  world_.AddWorkspace("demo/spare");
  const std::string file = world_.CredentialFile("spare");
  const std::string right = ReadFile(file).value_or("");
  std::string wrong = right;
  wrong[wrong.size() - 5] = wrong[wrong.size() - 5] == 'A' ? 'B' : 'A';
  ASSERT_TRUE(WriteFileAtomically(file, wrong, 0600).ok());
  world_.StartAgent("spare");
  ASSERT_NO_FATAL_FAILURE(WaitForRefusal("spare"));
  EXPECT_EQ(AgentsConnected(), 1) << "only dev's";
  EXPECT_TRUE(world_.WaitForOnline("demo/spare", false));
  const Result result = world_.Ssh({"-l", "spare", "dev", "echo never"});
  EXPECT_EQ(result.status, 255);
  EXPECT_THAT(result.err, HasSubstr("The workspace spare has never been connected."));
  // Nothing of the secret is in what it wrote.
  EXPECT_THAT(world_.agent("spare").Log(), Not(HasSubstr(wrong.substr(wrong.size() - 20, 15))));

  ASSERT_TRUE(WriteFileAtomically(file, right, 0600).ok());
  EXPECT_TRUE(world_.WaitForAgent("spare", absl::Seconds(30)));
  EXPECT_EQ(world_.Ssh({"-l", "spare", "dev", "echo in"}).out, "in\n");
}

TEST_F(WrongAgentCredential, IsNotHurriedlyTriedAgain) {
  world_.AddWorkspace("demo/spare");
  const std::string file = world_.CredentialFile("spare");
  ASSERT_TRUE(
      WriteFileAtomically(file, ReadFile(world_.TokenFile("demo")).value_or(""), 0600).ok());
  world_.StartAgent("spare");
  ASSERT_NO_FATAL_FAILURE(WaitForRefusal("spare"));
  // By the time that another agent has come and gone five times, this one has hardly tried again.
  world_.AddWorkspace("demo/busy");
  for (int i = 0; i < 5; ++i) {
    world_.StartAgent("busy");
    world_.WaitForAgent("busy");
    world_.agent("busy").Kill9();
  }
  const std::string log = world_.agent("spare").Log();
  int attempts = 0;
  for (size_t at = 0; (at = log.find("not connected:", at)) != std::string::npos; ++at) ++attempts;
  EXPECT_LE(attempts, 3);
}

TEST_F(WrongAgentCredential, IsWhatADeletedWorkspacesIs) {
  const auto session = world_.LiveSession({"dev"});
  ASSERT_EQ(world_.Homeport({"workspaces", "delete", "demo/dev"}).status, 0);
  const Result ended = session->WaitToEnd(absl::Seconds(5));
  EXPECT_EQ(ended.status, 255);
  EXPECT_THAT(ended.err, HasSubstr("The workspace was deleted."));
  ASSERT_NO_FATAL_FAILURE(WaitForRefusal("dev", "The workspace was deleted."));
  EXPECT_EQ(AgentsConnected(), 0);
  EXPECT_THAT(world_.Ssh({"dev", "echo never"}).err, HasSubstr("You have no workspace \"dev\"."));

  world_.agent("dev").Terminate();
  world_.StartAgent("dev");
  ASSERT_NO_FATAL_FAILURE(WaitForRefusal("dev"));
}

}  // namespace
}  // namespace homeport::story
