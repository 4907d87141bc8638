#include "coordinator/session_registry.h"

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

  const absl::Time now_ = absl::FromUnixSeconds(1700000000);
  SessionRegistry registry_{2};
};

TEST_F(SessionRegistryTest, OpeningIsLimitedPerUserAndWhatIsOverDoesNotCount) {
  EXPECT_TRUE(registry_.Add(Make("a"), now_).ok());
  EXPECT_TRUE(registry_.Add(Make("b"), now_).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(registry_.Add(Make("c"), now_)));
  EXPECT_TRUE(registry_.Add(Make("other", 1, 2), now_).ok());
  EXPECT_TRUE(registry_.TunnelStands("a", 1));
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
  registry_.Adopt("r1", {"adopted"}, now_);
  EXPECT_TRUE(absl::IsNotFound(registry_.FindForSigning("adopted", now_).status()))
      << "of an adopted session nothing is known that could be signed";
}

TEST_F(SessionRegistryTest, OnlyTheSessionsOwnWorkspaceSpeaksForIt) {
  ASSERT_TRUE(registry_.Add(Make("a"), now_).ok());
  EXPECT_FALSE(registry_.TunnelStands("a", 2));
  EXPECT_FALSE(registry_.TakeFailed("a", 2).has_value());
  EXPECT_TRUE(registry_.TakeWaitingFor(2, 10).empty());
  EXPECT_TRUE(registry_.TakeWaitingFor(1, 11).empty()) << "another stream of the agent";
  EXPECT_FALSE(registry_.TakeEnded("a", "r2").has_value());
  EXPECT_EQ(registry_.Count().opening, 1);
  ASSERT_TRUE(registry_.TunnelStands("a", 1));
  EXPECT_FALSE(registry_.TakeFailed("a", 1).has_value()) << "too late: the tunnel stands";
  EXPECT_TRUE(registry_.TakeWaitingFor(1, 10).empty());
  EXPECT_TRUE(registry_.TakeEnded("a", "r1").has_value());
  EXPECT_EQ(registry_.Count().live, 0);
}

TEST_F(SessionRegistryTest, AReplicaThatStaysAwayLosesItsSessions) {
  registry_.Adopt("r1", {"x"}, now_);
  ASSERT_TRUE(registry_.Add(Make("a"), now_).ok());
  ASSERT_TRUE(registry_.TunnelStands("a", 1));
  registry_.ReplicaGone("r1", now_);
  EXPECT_EQ(registry_.Sweep(now_ + SessionRegistry::kReplicaGrace), 0);
  registry_.Adopt("r1", {"a"}, now_ + absl::Minutes(1));  // it is back, and "x" ended meanwhile
  EXPECT_EQ(registry_.Count().live, 1);
  EXPECT_EQ(registry_.Sweep(now_ + absl::Hours(1)), 0);
  registry_.ReplicaGone("r1", now_ + absl::Hours(1));
  EXPECT_EQ(
      registry_.Sweep(now_ + absl::Hours(1) + SessionRegistry::kReplicaGrace + absl::Seconds(1)),
      1);
  EXPECT_EQ(registry_.Count().live, 0);
}

TEST_F(SessionRegistryTest, ATunnelThatNeverCameIsForgotten) {
  registry_.Adopt("r1", {}, now_);
  ASSERT_TRUE(registry_.Add(Make("a"), now_).ok());
  EXPECT_EQ(registry_.Sweep(now_ + absl::Seconds(31)), 0);
  EXPECT_EQ(registry_.Sweep(now_ + absl::Minutes(2)), 1);
}

TEST_F(SessionRegistryTest, AWorkspaceTakesItsSessionsAlong) {
  ASSERT_TRUE(registry_.Add(Make("a", 1, 1), now_).ok());
  ASSERT_TRUE(registry_.Add(Make("b", 1, 2), now_).ok());
  ASSERT_TRUE(registry_.Add(Make("c", 2, 3), now_).ok());
  EXPECT_EQ(registry_.TakeWorkspace(1).size(), 2u);
  EXPECT_EQ(registry_.Count().opening, 1);
}

}  // namespace
}  // namespace homeport
