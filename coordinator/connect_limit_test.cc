#include "coordinator/connect_limit.h"

#include <gtest/gtest.h>

#include <map>

namespace homeport {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1700000000);

TEST(ConnectLimitTest, AdmitsSoManyAtOnceAndThenAtItsPace) {
  ConnectLimit limit(10);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(limit.Admit(kStart), absl::ZeroDuration());
  EXPECT_GT(limit.Admit(kStart), absl::ZeroDuration());
  int admitted = 0;
  for (int i = 1; i <= 300; ++i) {
    if (limit.Admit(kStart + absl::Milliseconds(10 * i)) == absl::ZeroDuration()) ++admitted;
  }
  EXPECT_NEAR(admitted, 30, 1);
}

TEST(ConnectLimitTest, WhoDoesAsToldFindsAPlace) {
  // As many as come after a restart, each again and again as told.
  ConnectLimit limit(500);
  std::multimap<absl::Duration, int> arrivals;  // since the start; how often it was refused
  for (int i = 0; i < 10000; ++i) arrivals.emplace(absl::Microseconds(200 * i), 0);
  absl::Duration last;
  int refusals = 0;
  while (!arrivals.empty()) {
    const auto [time, refused] = *arrivals.begin();
    arrivals.erase(arrivals.begin());
    const absl::Duration wait = limit.Admit(kStart + time);
    last = time;
    if (wait == absl::ZeroDuration()) continue;
    ASSERT_LT(refused, 4) << "after " << time;
    ++refusals;
    arrivals.emplace(time + wait, refused + 1);
  }
  EXPECT_LE(last, absl::Seconds(22));
  EXPECT_LE(refusals, 15000);
}

TEST(ConnectLimitTest, TellsEachAnotherMomentAndNoneThatIsTooFar) {
  ConnectLimit limit(100);
  std::map<absl::Duration, int> waits;
  for (int i = 0; i < 20000; ++i) {
    const absl::Duration wait = limit.Admit(kStart);
    if (wait == absl::ZeroDuration()) continue;
    EXPECT_GE(wait, ConnectLimit::kShortestWait);
    EXPECT_LE(wait, ConnectLimit::kLongestWait);
    ++waits[wait];
  }
  for (const auto& [wait, times] : waits) EXPECT_LE(times, 8) << wait;
}

TEST(ConnectLimitTest, ZeroIsNoLimit) {
  ConnectLimit limit(0);
  for (int i = 0; i < 100000; ++i) ASSERT_EQ(limit.Admit(kStart), absl::ZeroDuration());
}

}  // namespace
}  // namespace homeport
