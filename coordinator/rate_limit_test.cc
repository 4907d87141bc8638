#include "coordinator/rate_limit.h"

#include "gtest/gtest.h"

namespace homeport {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1700000000);

int TakeAll(RateLimit& limit, int64_t who, absl::Time now) {
  int taken = 0;
  while (taken < 1000 && limit.Take(who, now)) ++taken;
  return taken;
}

TEST(RateLimitTest, GivesTheBurstAndThenTheRate) {
  RateLimit limit(50, 100);
  EXPECT_EQ(TakeAll(limit, 1, kStart), 100);
  EXPECT_EQ(TakeAll(limit, 1, kStart), 0);
  EXPECT_EQ(TakeAll(limit, 1, kStart + absl::Seconds(1)), 50);
  EXPECT_EQ(TakeAll(limit, 1, kStart + absl::Hours(1)), 100) << "no more than the burst";
}

TEST(RateLimitTest, EachHasItsOwn) {
  RateLimit limit(1, 2);
  EXPECT_EQ(TakeAll(limit, 1, kStart), 2);
  EXPECT_EQ(TakeAll(limit, 2, kStart), 2);
}

TEST(RateLimitTest, AClockThatGoesBackGivesNothing) {
  RateLimit limit(1, 2);
  EXPECT_EQ(TakeAll(limit, 1, kStart), 2);
  EXPECT_EQ(TakeAll(limit, 1, kStart - absl::Hours(1)), 0);
}

TEST(RateLimitTest, ForgettingTheIdleGivesNobodyMore) {
  RateLimit limit(1, 2);
  EXPECT_EQ(TakeAll(limit, 0, kStart), 2);
  for (int64_t who = 1; who < 1000; ++who) {
    limit.Take(who, kStart + absl::Milliseconds(who));
  }
  EXPECT_FALSE(limit.Take(0, kStart + absl::Milliseconds(999)));
  EXPECT_TRUE(limit.Take(0, kStart + absl::Milliseconds(1999)));
}

TEST(RateLimitTest, SaysHowLongToWait) {
  RateLimit limit(0.1, 2);
  EXPECT_EQ(limit.Wait(1, kStart), absl::ZeroDuration());
  EXPECT_EQ(TakeAll(limit, 1, kStart), 2);
  EXPECT_EQ(limit.Wait(1, kStart), absl::Seconds(10));
  EXPECT_EQ(limit.Wait(1, kStart + absl::Seconds(4)), absl::Seconds(6));
  limit.GiveBack(1, 1, kStart);
  EXPECT_EQ(TakeAll(limit, 1, kStart), 1);
  limit.GiveBack(1, 100, kStart);
  EXPECT_EQ(TakeAll(limit, 1, kStart), 2) << "never more than the burst";
}

TEST(RateLimitTest, ThoseWhoFindNoPlaceShareOne) {
  RateLimit limit(1, 2, /*most_buckets=*/3);
  for (int64_t who = 1; who <= 3; ++who) EXPECT_EQ(TakeAll(limit, who, kStart), 2);
  EXPECT_EQ(TakeAll(limit, 4, kStart), 2);
  EXPECT_EQ(TakeAll(limit, 5, kStart), 0) << "it is the one that 4 has emptied";
  EXPECT_EQ(TakeAll(limit, 1, kStart), 0);
  EXPECT_EQ(TakeAll(limit, 5, kStart + absl::Minutes(1)), 2) << "there is room again";
  EXPECT_EQ(TakeAll(limit, 4, kStart + absl::Minutes(1)), 2);
}

}  // namespace
}  // namespace homeport
