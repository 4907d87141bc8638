#include "cli/time_option.h"

#include "gtest/gtest.h"

namespace homeport {
namespace {

TEST(TimeOptionTest, PeriodsHaveDaysToo) {
  EXPECT_EQ(*ParsePeriod("30d"), absl::Hours(720));
  EXPECT_EQ(*ParsePeriod("1h30m"), absl::Minutes(90));
  EXPECT_EQ(*ParsePeriod("0"), absl::ZeroDuration());
  for (const char* bad : {"", "d", "-1d", "-5m", "soon", "1.5d", "inf", "5"}) {
    EXPECT_FALSE(ParsePeriod(bad).ok()) << bad;
  }
  EXPECT_EQ(PeriodText(ToProto(absl::Hours(48))), "2d");
  EXPECT_EQ(PeriodText(ToProto(absl::Hours(12))), "12h");
}

TEST(TimeOptionTest, TimesAreDatesInstantsOrAgo) {
  const absl::Time now = absl::FromUnixSeconds(1700000000);
  EXPECT_EQ(*ParsePastTime("2023-11-14", now), absl::FromUnixSeconds(1699920000));
  EXPECT_EQ(*ParsePastTime("2023-11-14T22:13:20Z", now), now);
  EXPECT_EQ(*ParsePastTime("2h", now), now - absl::Hours(2));
  EXPECT_FALSE(ParsePastTime("yesterday", now).ok());
  EXPECT_EQ(ToProto(now + absl::Milliseconds(5)).nanos(), 5000000);
}

}  // namespace
}  // namespace homeport
