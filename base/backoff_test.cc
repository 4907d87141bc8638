#include "base/backoff.h"

#include <gtest/gtest.h>

namespace homeport {
namespace {

TEST(BackoffTest, GrowsToTheCapAndNoFurther) {
  Backoff backoff(absl::Milliseconds(100), absl::Seconds(1));
  absl::Duration limit = absl::Milliseconds(100);
  for (int i = 0; i < 20; ++i) {
    const absl::Duration delay = backoff.Next();
    EXPECT_GT(delay, absl::ZeroDuration());
    EXPECT_LE(delay, limit);
    limit = std::min(limit * 2, absl::Seconds(1));
  }
}

TEST(BackoffTest, SpreadsItsDelays) {
  Backoff backoff(absl::Seconds(1), absl::Seconds(1));
  absl::Duration least = absl::InfiniteDuration(), most = absl::ZeroDuration();
  for (int i = 0; i < 200; ++i) {
    const absl::Duration delay = backoff.Next();
    least = std::min(least, delay);
    most = std::max(most, delay);
  }
  EXPECT_LT(least, absl::Milliseconds(300));
  EXPECT_GT(most, absl::Milliseconds(700));
}

TEST(BackoffTest, ResetStartsAgain) {
  Backoff backoff(absl::Milliseconds(1), absl::Hours(1));
  for (int i = 0; i < 30; ++i) backoff.Next();
  backoff.Reset();
  EXPECT_LE(backoff.Next(), absl::Milliseconds(1));
}

TEST(BackoffTest, JumpToCapWidensAtOnce) {
  Backoff backoff(absl::Milliseconds(1), absl::Hours(1));
  backoff.JumpToCap();
  EXPECT_GT(backoff.Next(), absl::Minutes(5));
}

}  // namespace
}  // namespace homeport
