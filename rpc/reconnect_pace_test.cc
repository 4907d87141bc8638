#include "rpc/reconnect_pace.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace homeport {
namespace {

ReconnectPace::Outcome Stood(absl::Duration time) {
  ReconnectPace::Outcome outcome;
  outcome.stood = time;
  return outcome;
}

TEST(ReconnectPaceTest, ThoseThatStoodForLongComeBackSpreadOverTwoSeconds) {
  constexpr int kAgents = 10000;
  std::array<int, 20> tenths = {};
  for (int i = 0; i < kAgents; ++i) {
    const absl::Duration delay = ReconnectPace({}).After(Stood(absl::Hours(1)));
    ASSERT_GE(delay, absl::ZeroDuration());
    ASSERT_LT(delay, absl::Seconds(2));
    ++tenths[static_cast<size_t>(absl::ToInt64Milliseconds(delay) / 100)];
  }
  // 500 each on average; five times the standard deviation away from it is no chance.
  EXPECT_GT(*std::min_element(tenths.begin(), tenths.end()), 380);
  EXPECT_LT(*std::max_element(tenths.begin(), tenths.end()), 620);
}

TEST(ReconnectPaceTest, FailuresWidenTheRangeToTheCapAndNoFurther) {
  ReconnectPace pace({});
  absl::Duration longest;
  for (int i = 0; i < 1000; ++i) longest = std::max(longest, pace.After(Stood({})));
  EXPECT_LE(longest, absl::Seconds(15));
  EXPECT_GT(longest, absl::Seconds(13));
}

TEST(ReconnectPaceTest, AStreamThatStoodStartsTheBackoffAgain) {
  ReconnectPace pace({});
  for (int i = 0; i < 20; ++i) pace.After(Stood({}));
  pace.After(Stood(absl::Minutes(1)));
  EXPECT_LE(pace.After(Stood({})), absl::Milliseconds(200));
}

TEST(ReconnectPaceTest, AnotherAddressIsTriedSoonAndCountsAsNoFailure) {
  ReconnectPace pace({});
  ReconnectPace::Outcome outcome = Stood({});
  outcome.others = true;
  for (int i = 0; i < 20; ++i) EXPECT_LE(pace.After(outcome), absl::Milliseconds(200));
  EXPECT_LE(pace.After(Stood({})), absl::Milliseconds(200));
}

TEST(ReconnectPaceTest, ARefusedCredentialSlowsDownToTheCapAtOnce) {
  ReconnectPace pace({});
  ReconnectPace::Outcome outcome = Stood({});
  outcome.refused = true;
  outcome.others = true;
  EXPECT_GE(pace.After(outcome), absl::Milliseconds(1500));
}

TEST(ReconnectPaceTest, WhatTheServerAskedForIsHonouredWithALittleMore) {
  ReconnectPace pace({});
  ReconnectPace::Outcome outcome = Stood(absl::Hours(1));
  outcome.come_back = absl::Seconds(40);
  outcome.others = true;
  absl::Duration least = absl::InfiniteDuration(), most;
  for (int i = 0; i < 200; ++i) {
    const absl::Duration delay = pace.After(outcome);
    least = std::min(least, delay);
    most = std::max(most, delay);
  }
  EXPECT_GE(least, absl::Seconds(40));
  EXPECT_LE(most, absl::Seconds(45));
  EXPECT_GT(most - least, absl::Seconds(3));
  outcome.come_back = absl::Hours(24);  // nobody means that
  EXPECT_LE(pace.After(outcome), absl::Minutes(6));
}

}  // namespace
}  // namespace homeport
