#include "coordinator/session_registry.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

class SessionRegistryTest : public ::testing::Test {
 protected:
  Session Make(const std::string& id, int64_t workspace_id = 1, int64_t user_id = 1) const {
    Session session;
    session.id = id;
    session.replica = "r1";
    session.user_id = user_id;
    session.workspace_id = workspace_id;
    session.agent_epoch = 10;
    session.expire_time = now_ + absl::Seconds(30);
    return session;
  }

  static google::protobuf::RepeatedPtrField<v1::LiveSession> Live(
      const std::vector<std::string>& ids) {
    google::protobuf::RepeatedPtrField<v1::LiveSession> sessions;
    for (const std::string& id : ids) {
      sessions.Add()->set_session_id(id);
      sessions.rbegin()->set_user("users/demo");
      sessions.rbegin()->set_workspace("users/demo/workspaces/dev");
    }
    return sessions;
  }

  const absl::Time now_ = absl::FromUnixSeconds(1700000000);
  SessionRegistry registry_{2};
};

TEST_F(SessionRegistryTest, OpeningIsLimitedPerUserAndWhatIsOverDoesNotCount) {
  EXPECT_TRUE(registry_.Add(Make("a"), now_).ok());
  EXPECT_TRUE(registry_.Add(Make("b"), now_).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(registry_.Add(Make("c"), now_)));
  EXPECT_TRUE(registry_.Add(Make("other", 1, 2), now_).ok());
  EXPECT_TRUE(registry_.TunnelStands("a", 1, v1::BACKEND_KIND_OPENSSH));
  EXPECT_TRUE(registry_.Add(Make("c"), now_).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(registry_.Add(Make("d"), now_)));
  EXPECT_TRUE(registry_.Add(Make("d"), now_ + absl::Seconds(31)).ok());
}

TEST_F(SessionRegistryTest, SignaturesAreForSessionsInTimeAndCounted) {
  ASSERT_TRUE(registry_.Add(Make("a"), now_).ok());
  EXPECT_TRUE(registry_.FindForSigning("a", now_ + absl::Seconds(30)).ok());
  EXPECT_TRUE(absl::IsNotFound(registry_.FindForSigning("a", now_ + absl::Seconds(31)).status()));
  EXPECT_TRUE(absl::IsNotFound(registry_.FindForSigning("b", now_).status()));
  for (int i = 0; i < SessionRegistry::kMostSignatures; ++i) {
    EXPECT_TRUE(registry_.CountSignature("a", now_).ok());
  }
  EXPECT_TRUE(absl::IsResourceExhausted(registry_.CountSignature("a", now_)));
  registry_.Adopt("r1", Live({"adopted"}), now_);
  EXPECT_TRUE(absl::IsNotFound(registry_.FindForSigning("adopted", now_).status()))
      << "of an adopted session nothing is known that could be signed";
}

TEST_F(SessionRegistryTest, OnlyTheSessionsOwnWorkspaceSpeaksForIt) {
  ASSERT_TRUE(registry_.Add(Make("a"), now_).ok());
  EXPECT_FALSE(registry_.TunnelStands("a", 2, v1::BACKEND_KIND_OPENSSH));
  EXPECT_FALSE(registry_.TakeFailed("a", 2, "why").has_value());
  EXPECT_TRUE(registry_.TakeWaitingFor(2, 10, "why").empty());
  EXPECT_TRUE(registry_.TakeWaitingFor(1, 11, "why").empty()) << "another stream of the agent";
  EXPECT_FALSE(registry_.TakeEnded("a", "r2", {}, "why").has_value());
  EXPECT_EQ(registry_.Count().opening, 1);
  ASSERT_TRUE(registry_.TunnelStands("a", 1, v1::BACKEND_KIND_OPENSSH));
  EXPECT_FALSE(registry_.TakeFailed("a", 1, "why").has_value()) << "too late: the tunnel stands";
  EXPECT_TRUE(registry_.TakeWaitingFor(1, 10, "why").empty());
  EXPECT_TRUE(registry_.TakeEnded("a", "r1", {}, "why").has_value());
  EXPECT_EQ(registry_.Count().live, 0);
}

TEST_F(SessionRegistryTest, AReplicaThatStaysAwayLosesItsSessions) {
  registry_.Adopt("r1", Live({"x"}), now_);
  ASSERT_TRUE(registry_.Add(Make("a"), now_).ok());
  ASSERT_TRUE(registry_.TunnelStands("a", 1, v1::BACKEND_KIND_OPENSSH));
  registry_.ReplicaGone("r1", now_);
  EXPECT_EQ(registry_.Sweep(now_ + SessionRegistry::kReplicaGrace).size(), 0U);
  registry_.Adopt("r1", Live({"a"}),
                  now_ + absl::Minutes(1));  // it is back, and "x" ended meanwhile
  EXPECT_EQ(registry_.Count().live, 1);
  EXPECT_EQ(registry_.Sweep(now_ + absl::Hours(1)).size(), 0U);
  registry_.ReplicaGone("r1", now_ + absl::Hours(1));
  EXPECT_EQ(
      registry_.Sweep(now_ + absl::Hours(1) + SessionRegistry::kReplicaGrace + absl::Seconds(1))
          .size(),
      1U);
  EXPECT_EQ(registry_.Count().live, 0);
}

TEST_F(SessionRegistryTest, ATunnelThatNeverCameIsForgotten) {
  registry_.Adopt("r1", Live({}), now_);
  ASSERT_TRUE(registry_.Add(Make("a"), now_).ok());
  EXPECT_EQ(registry_.Sweep(now_ + absl::Seconds(31)).size(), 0U);
  EXPECT_EQ(registry_.Sweep(now_ + absl::Minutes(2)).size(), 1U);
}

// Writes down what it is told.
class Recorder : public SessionRegistry::Observer {
 public:
  void OnSessionStarted(const Session& session) override { events.push_back("+" + session.id); }
  void OnSessionUpdated(const Session& session) override { events.push_back("~" + session.id); }
  void OnSessionEnded(const Session& session, const std::string& reason) override {
    events.push_back("-" + session.id + " " + reason);
  }
  void OnCaughtUp() override { events.push_back("."); }

  std::vector<std::string> events;
};

TEST_F(SessionRegistryTest, ObserversHearOfEverySession) {
  ASSERT_TRUE(registry_.Add(Make("a"), now_).ok());
  Recorder recorder;
  registry_.AddObserver(recorder);
  ASSERT_TRUE(registry_.Add(Make("b"), now_).ok());
  registry_.TunnelStands("b", 1, v1::BACKEND_KIND_OPENSSH);
  v1::SessionTraffic traffic;
  traffic.set_bytes_to_user(5);
  registry_.NoteTraffic("b", "r1", traffic, now_);
  registry_.NoteTraffic("b", "r1", traffic, now_ + absl::Milliseconds(900));
  registry_.NoteTraffic("b", "r1", traffic, now_ + absl::Seconds(1));
  registry_.NoteTraffic("b", "r2", traffic, now_ + absl::Seconds(9));
  registry_.TakeEnded("b", "r1", traffic, "done");
  registry_.RemoveObserver(recorder);
  registry_.TakeFailed("a", 1, "unheard");
  EXPECT_EQ(recorder.events,
            (std::vector<std::string>{"+a", ".", "+b", "~b", "~b", "~b", "-b done"}));
}

TEST_F(SessionRegistryTest, ListsByEveryFieldThatIsSet) {
  Session session = Make("a", 1, 1);
  session.user = "demo";
  session.provider = "local";
  session.workspace = "users/demo/workspaces/dev";
  session.start_time = now_;
  ASSERT_TRUE(registry_.Add(session, now_).ok());
  session.id = "older";
  session.workspace = "users/demo/workspaces/box";
  session.start_time = now_ - absl::Hours(1);
  ASSERT_TRUE(registry_.Add(session, now_).ok());
  v1::SessionFilter filter;
  filter.set_user("users/demo");
  std::vector<std::string> ids;
  for (const Session& found : registry_.List(*ReadSessionFilter(filter))) ids.push_back(found.id);
  EXPECT_EQ(ids, (std::vector<std::string>{"older", "a"}));
  filter.set_workspace("users/demo/workspaces/dev");
  EXPECT_EQ(registry_.List(*ReadSessionFilter(filter)).size(), 1U);
  filter.set_session("sessions/older");
  EXPECT_TRUE(registry_.List(*ReadSessionFilter(filter)).empty());
  filter.set_session("older");
  EXPECT_TRUE(absl::IsInvalidArgument(ReadSessionFilter(filter).status()));
  EXPECT_EQ(registry_.CountByProvider().at("local"), 2);
}

TEST_F(SessionRegistryTest, TheNewerPolicyCountsAndTheSameIsNoNews) {
  ASSERT_TRUE(registry_.Add(Make("a"), now_).ok());
  v1::SessionPolicy open, closed;
  open.set_port_forwarding(true);
  const int64_t older = registry_.NextTicket();
  const int64_t newer = registry_.NextTicket();
  EXPECT_TRUE(registry_.NotePolicy("a", newer, closed));
  EXPECT_FALSE(registry_.NotePolicy("a", older, open)) << "it was read before";
  EXPECT_FALSE(registry_.NotePolicy("a", registry_.NextTicket(), closed)) << "it is the same";
  registry_.Adopt("r1", Live({"a"}), now_);
  EXPECT_TRUE(registry_.NotePolicy("a", registry_.NextTicket(), closed))
      << "after a cut nobody knows what has arrived";
}

TEST_F(SessionRegistryTest, WhatIsToEndGetsNoSignature) {
  ASSERT_TRUE(registry_.Add(Make("a"), now_).ok());
  registry_.NoteEnding("a", "The workspace was deleted.");
  EXPECT_TRUE(absl::IsNotFound(registry_.FindForSigning("a", now_).status()));
}

}  // namespace
}  // namespace homeport
