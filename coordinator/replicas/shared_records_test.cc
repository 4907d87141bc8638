// Two replicas write down what they have, in a real PostgreSQL.
#include "coordinator/replicas/shared_records.h"

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/postgresql/postgresql_server.h"

namespace homeport {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class SharedRecordsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto started = PostgresqlServer::Start();
    if (started.ok()) server_ = started->release();
  }
  static void TearDownTestSuite() { delete std::exchange(server_, nullptr); }

  void SetUp() override {
    if (server_ == nullptr) GTEST_SKIP() << "PostgreSQL is not installed";
    url_ = *server_->CreateDatabase();
    a_ = *SharedRecords::Open(url_, "a");
    b_ = *SharedRecords::Open(url_, "b");
  }

  static SharedAgent Agent(int64_t workspace, int64_t epoch, const std::string& os_user = "dev") {
    SharedAgent agent;
    agent.workspace_id = workspace;
    agent.epoch = epoch;
    agent.hello.set_os_user(os_user);
    return agent;
  }
  static Session MakeSession(const std::string& id, const std::string& proxy) {
    Session session;
    session.id = id;
    session.replica = proxy;
    session.user = "demo";
    session.workspace = "users/demo/workspaces/dev";
    session.workspace_id = 7;
    session.provider = "local";
    session.entry_key = std::string("\0key\"{},\\", 9);
    session.client_version = "SSH-2.0-x \"y\" {z}, \\";
    session.start_time = absl::FromUnixMicros(1700000000123456);
    return session;
  }
  void Make(const std::string& name) { EXPECT_TRUE(server_->Execute(url_, name).ok()); }
  void SayAlive(SharedRecords& records, const std::string& name) {
    v1::Replica self;
    self.set_name("replicas/" + name);
    EXPECT_TRUE(records.SayAlive(self).ok());
  }

  static inline PostgresqlServer* server_ = nullptr;
  std::string url_;
  std::unique_ptr<SharedRecords> a_, b_;
};

TEST_F(SharedRecordsTest, ReplicasAreThereUntilTheyAreSilentOrSayGoodbye) {
  v1::Replica self;
  self.set_name("replicas/a");
  EXPECT_FALSE(*a_->SayAlive(self));
  EXPECT_TRUE(*a_->SayAlive(self));
  SayAlive(*b_, "b");
  EXPECT_THAT(*a_->Replicas(), SizeIs(2));
  Make("UPDATE live_replicas SET seen = seen - interval '9 seconds' WHERE name = 'b'");
  EXPECT_THAT(*a_->Replicas(), SizeIs(1));
  SayAlive(*b_, "b");
  EXPECT_THAT(*a_->Replicas(), SizeIs(2));
  EXPECT_TRUE(b_->SayGone().ok());
  EXPECT_THAT(*a_->Replicas(), SizeIs(1));
}

TEST_F(SharedRecordsTest, ADeadReplicaIsNoticedByItsConnection) {
  SayAlive(*a_, "a");
  SayAlive(*b_, "b");
  std::vector<int64_t> overtaken, moved;
  EXPECT_TRUE(b_->PutAgents({Agent(7, 10)}, overtaken, moved).ok());
  EXPECT_TRUE((**a_->FindAgent(7)).reachable);
  b_.reset();
  // Its server's process ends when it comes to see it.
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  while (a_->Replicas()->size() > 1 && absl::Now() < deadline) {
  }
  EXPECT_THAT(*a_->Replicas(), SizeIs(1));
  EXPECT_FALSE((**a_->FindAgent(7)).reachable);
}

TEST_F(SharedRecordsTest, TheNewestStreamOfAnAgentWins) {
  SayAlive(*a_, "a");
  SayAlive(*b_, "b");
  std::vector<int64_t> overtaken, moved;
  EXPECT_TRUE(a_->PutAgents({Agent(7, 10), Agent(8, 5)}, overtaken, moved).ok());
  EXPECT_THAT(overtaken, IsEmpty());
  EXPECT_THAT(moved, IsEmpty());
  EXPECT_TRUE(b_->PutAgents({Agent(7, 11, "new"), Agent(8, 4)}, overtaken, moved).ok());
  EXPECT_THAT(overtaken, ElementsAre(8));
  EXPECT_THAT(moved, ElementsAre(7));
  const SharedAgent found = **a_->FindAgent(7);
  EXPECT_EQ(found.replica, "b");
  EXPECT_EQ(found.epoch, 11);
  EXPECT_EQ(found.hello.os_user(), "new");
  EXPECT_TRUE(found.reachable);
  EXPECT_THAT(*a_->AgentsElsewhere(), ElementsAre(7));
  // The end of the older stream takes nothing away.
  EXPECT_TRUE(a_->RemoveAgents({{7, 10}}).ok());
  EXPECT_TRUE(a_->FindAgent(7)->has_value());
  EXPECT_TRUE(b_->RemoveAgents({{7, 10}}).ok());
  EXPECT_TRUE(a_->FindAgent(7)->has_value());
  EXPECT_TRUE(b_->RemoveAgents({{7, 11}}).ok());
  EXPECT_FALSE(a_->FindAgent(7)->has_value());
}

TEST_F(SharedRecordsTest, AgentsOfAReplicaThatIsGoneAreExpectedForAWhile) {
  SayAlive(*a_, "a");
  SayAlive(*b_, "b");
  std::vector<int64_t> overtaken, moved;
  EXPECT_TRUE(b_->PutAgents({Agent(7, 10), Agent(8, 10)}, overtaken, moved).ok());
  EXPECT_TRUE(b_->RetireAgents().ok());
  EXPECT_TRUE(b_->SayGone().ok());
  EXPECT_TRUE(a_->Tidy().ok());
  EXPECT_FALSE((**a_->FindAgent(7)).reachable);
  EXPECT_THAT(*a_->AgentsElsewhere(), IsEmpty());
  EXPECT_TRUE(a_->PutAgents({Agent(7, 11)}, overtaken, moved).ok());
  Make("UPDATE live_agents SET written = written - interval '21 seconds'");
  EXPECT_TRUE(a_->Tidy().ok());
  EXPECT_TRUE((**b_->FindAgent(7)).reachable);
  EXPECT_FALSE(a_->FindAgent(8)->has_value());
}

TEST_F(SharedRecordsTest, SessionsGoWithTheirProxy) {
  EXPECT_TRUE(a_->PutSessions({MakeSession("s1", "p1"), MakeSession("s2", "p2")}).ok());
  EXPECT_THAT(*a_->SessionsElsewhere(), IsEmpty());
  const std::vector<Session> seen = *b_->SessionsElsewhere();
  ASSERT_THAT(seen, SizeIs(2));
  const Session& session = seen[0].id == "s1" ? seen[0] : seen[1];
  const Session given = MakeSession("s1", "p1");
  EXPECT_EQ(session.replica, "p1");
  EXPECT_EQ(session.user, "demo");
  EXPECT_EQ(session.workspace, given.workspace);
  EXPECT_EQ(session.workspace_id, 7);
  EXPECT_EQ(session.provider, "local");
  EXPECT_EQ(session.entry_key, given.entry_key);
  EXPECT_EQ(session.client_version, given.client_version);
  EXPECT_EQ(session.start_time, given.start_time);
  EXPECT_EQ(b_->CountSessionsElsewhere()->at(7), 2);
  // p1 comes to b: what was taken over there first stays there.
  EXPECT_TRUE(b_->PutSessions({MakeSession("s3", "p1")}).ok());
  EXPECT_THAT(*b_->TakeSessionsOf("p1"), SizeIs(1));
  EXPECT_TRUE(a_->RemoveSessions({"s1", "s3"}).ok());
  EXPECT_THAT(*a_->SessionsElsewhere(), SizeIs(1));
}

TEST_F(SharedRecordsTest, SessionsThatNobodyHasAreTakenOnce) {
  SayAlive(*a_, "a");
  EXPECT_TRUE(a_->PutSessions({MakeSession("here", "p1")}).ok());
  EXPECT_TRUE(b_->PutSessions({MakeSession("gone", "p2"), MakeSession("late", "p2")}).ok());
  EXPECT_THAT(*a_->TakeAbandonedSessions(), IsEmpty());
  Make("UPDATE live_sessions SET written = written - interval '11 minutes' WHERE id <> 'late'");
  const std::vector<Session> taken = *a_->TakeAbandonedSessions();
  ASSERT_THAT(taken, SizeIs(1));
  EXPECT_EQ(taken[0].id, "gone");
  EXPECT_THAT(*b_->TakeAbandonedSessions(), IsEmpty());
}

TEST_F(SharedRecordsTest, AnIdleSessionIsKeptForItsProxyWhenItsReplicaGoes) {
  SayAlive(*b_, "b");
  EXPECT_TRUE(b_->PutSessions({MakeSession("idle", "p1")}).ok());
  Make("UPDATE live_sessions SET written = written - interval '11 minutes'");
  EXPECT_THAT(*a_->TakeAbandonedSessions(), IsEmpty());
  EXPECT_TRUE(b_->SayGone().ok());
  EXPECT_THAT(*a_->TakeAbandonedSessions(), IsEmpty()) << "it went by itself";
  SayAlive(*b_, "b");
  Make("UPDATE live_sessions SET written = written - interval '11 minutes'");
  Make("UPDATE live_replicas SET seen = seen - interval '21 seconds'");
  EXPECT_TRUE(a_->Tidy().ok());
  EXPECT_THAT(*a_->TakeAbandonedSessions(), IsEmpty()) << "it died";
  Make("UPDATE live_sessions SET written = written - interval '11 minutes'");
  EXPECT_THAT(*a_->TakeAbandonedSessions(), SizeIs(1));
}

TEST_F(SharedRecordsTest, SignaturesAreKnownToAll) {
  const std::string identifier("\0\\'\"{id", 7);
  EXPECT_FALSE(*b_->HasSignature(identifier));
  EXPECT_TRUE(a_->NoteSignature(identifier).ok());
  EXPECT_TRUE(a_->NoteSignature(identifier).ok());
  EXPECT_TRUE(*b_->HasSignature(identifier));
  Make("UPDATE live_signatures SET time = time - interval '3 minutes'");
  EXPECT_TRUE(a_->NoteSignature("another").ok());
  EXPECT_FALSE(*b_->HasSignature(identifier));
}

TEST_F(SharedRecordsTest, WorkAgainWhenTheDatabaseDoes) {
  server_->Crash();
  ASSERT_TRUE(server_->StartAgain().ok());
  const absl::Status found = a_->FindAgent(7).status();
  EXPECT_TRUE(found.ok()) << found;
  v1::Replica self;
  // A crash empties the tables.
  EXPECT_FALSE(*a_->SayAlive(self));
}

}  // namespace
}  // namespace homeport
