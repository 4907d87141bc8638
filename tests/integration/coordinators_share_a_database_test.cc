// Two coordinators on one PostgreSQL: agents and proxies are at one of them each, people ask
// whichever they like, and nobody can tell.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/integration/wait_for.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

using ::testing::HasSubstr;

class CoordinatorsShareADatabase : public Story {
 protected:
  void SetUp() override {
    const absl::Status shared = world_.ShareDatabase();
    if (absl::IsNotFound(shared)) GTEST_SKIP() << shared.message();
    ASSERT_TRUE(shared.ok()) << shared;
    Story::SetUp();
  }
  // What the command says, by the first and by the second coordinator.
  std::string First(const Words& words) { return Say("grpc", words); }
  std::string Second(const Words& words) { return Say("grpc-2", words); }

 private:
  std::string Say(const std::string& address, const Words& words) {
    const Result result = world_.HomeportAt(address, words);
    EXPECT_EQ(result.status, 0) << words[0] << ": " << result.err;
    return result.out;
  }
};

TEST_F(CoordinatorsShareADatabase, ASessionBeginsWhereverTheAgentIs) {
  // The proxy is at the first, the agent at the second.
  const Result result = world_.Ssh({"dev", "echo across"});
  EXPECT_EQ(result.out, "across\n") << result.err;
  const Words get = {"workspaces", "get", "demo/dev", "--output", "json"};
  EXPECT_THAT(First(get), HasSubstr("\"online\": true"));
  EXPECT_THAT(Second(get), HasSubstr("\"online\": true"));
  world_.agent("dev").process().Signal(SIGTERM);
  EXPECT_TRUE(world_.WaitForOnline("demo/dev", false));
  EXPECT_THAT(world_.Ssh({"dev", "true"}).err, HasSubstr("is offline"));
}

TEST_F(CoordinatorsShareADatabase, SessionsAreSeenAndEndedFromBoth) {
  const auto session = world_.LiveSession({"dev"});
  EXPECT_THAT(First({"sessions", "list"}), HasSubstr("demo/dev"));
  EXPECT_TRUE(WaitFor(
      [&] {
        return absl::StrContains(Second({"sessions", "list"}), "demo/dev");
      },
      absl::Seconds(10), "the second coordinator to know the session"));
  EXPECT_THAT(Second({"providers", "list", "--output", "json"}), HasSubstr("\"live_sessions\": 1"));
  EXPECT_THAT(Second({"sessions", "end", "--workspace", "demo/dev", "--reason", "upgrade"}),
              HasSubstr("1 session"));
  const Result ended = session->WaitToEnd();
  EXPECT_NE(ended.status, 0);
  EXPECT_THAT(ended.err, HasSubstr("A site manager ended this session: upgrade."));
  EXPECT_TRUE(WaitFor(
      [&] {
        return !absl::StrContains(Second({"sessions", "list"}), "demo/dev");
      },
      absl::Seconds(10), "the second coordinator to hear of the end"));
}

TEST_F(CoordinatorsShareADatabase, TheAuditIsOneChain) {
  for (int i = 0; i < 5; ++i) {
    First({"providers", "create", absl::StrCat("a", i)});
    Second({"providers", "create", absl::StrCat("b", i)});
    EXPECT_EQ(world_.Ssh({"dev", "true"}).status, 0);
  }
  EXPECT_EQ(First({"audit", "verify"}), Second({"audit", "verify"}));
  EXPECT_EQ(First({"audit", "list", "--action", "provider.create"}),
            Second({"audit", "list", "--action", "provider.create"}));
}

TEST_F(CoordinatorsShareADatabase, AProxyTakesItsSessionsToAnother) {
  const auto session = world_.LiveSession({"dev"});
  // On the first one's address: the proxy finds its way by itself.
  world_.coordinator().Kill9();
  World::Say(*session, "the coordinator is dead");
  ASSERT_NO_FATAL_FAILURE(world_.Restart("coordinator"));
  EXPECT_TRUE(WaitFor(
      [&] {
        return absl::StrContains(Second({"sessions", "list"}), "demo/dev");
      },
      absl::Seconds(20), "the session to be known again"));
  World::Say(*session, "still here");
  EXPECT_EQ(world_.Ssh({"dev", "echo new"}).out, "new\n");
  Second({"providers", "update", "local", "--external-connect", "off"});
  EXPECT_THAT(session->WaitToEnd().err, HasSubstr("SSH was disabled on this workspace"));
}

// With both addresses everybody finds the one that is left.
class ACoordinatorGoes : public CoordinatorsShareADatabase {
 protected:
  void SetUp() override {
    CoordinatorsShareADatabase::SetUp();
    if (IsSkipped()) return;
    const std::string both = absl::StrCat(world_.address("grpc"), ",", world_.address("grpc-2"));
    world_.coordinator_of = {{"sshproxy", both}, {"agent-dev", both}};
    world_.sshproxy().Terminate();
    world_.agent("dev").Terminate();
    ASSERT_NO_FATAL_FAILURE(world_.Restart("sshproxy"));
    ASSERT_NO_FATAL_FAILURE(world_.Restart("agent-dev"));
  }
  void ExpectWelcome(const std::string& word) {
    const Result result = world_.Ssh({"dev", "echo " + word});
    EXPECT_EQ(result.out, word + "\n") << result.err;
  }
};

TEST_F(ACoordinatorGoes, AndSessionsDoNotNotice) {
  const auto session = world_.LiveSession({"dev"});
  for (const char* name : {"coordinator", "coordinator-2"}) {
    world_.service(name).Kill9();
    World::Say(*session, std::string("after ") + name);
    ExpectWelcome("in");
    ASSERT_NO_FATAL_FAILURE(world_.Restart(name));
    World::Say(*session, std::string("again ") + name);
  }
  Second({"providers", "update", "local", "--external-connect", "off"});
  EXPECT_THAT(session->WaitToEnd().err, HasSubstr("SSH was disabled on this workspace"));
  First({"audit", "verify"});
}

TEST_F(ACoordinatorGoes, AndNobodyIsTurnedAwayWhileBothAreUpgraded) {
  const auto session = world_.LiveSession({"dev"});
  for (const char* name : {"coordinator-2", "coordinator"}) {
    world_.service(name).process().Signal(SIGTERM);
    ExpectWelcome("while it drains");
    world_.service(name).process().WaitToEnd(absl::Seconds(20));
    ExpectWelcome("with the other");
    ASSERT_NO_FATAL_FAILURE(world_.Restart(name));
    ExpectWelcome("with both");
  }
  World::Say(*session, "all the while");
}

}  // namespace
}  // namespace homeport::story
