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

}  // namespace
}  // namespace homeport
