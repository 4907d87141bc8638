#include "cli/time_option.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace homeport {

absl::StatusOr<absl::Duration> ParsePeriod(const std::string& text) {
  absl::string_view digits = text;
  int days = 0;
  if (absl::ConsumeSuffix(&digits, "d") && absl::SimpleAtoi(digits, &days) && days >= 0) {
    return absl::Hours(24) * days;
  }
  absl::Duration period;
  if (absl::ParseDuration(text, &period) && period >= absl::ZeroDuration() &&
      period != absl::InfiniteDuration()) {
    return period;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", text, "\" is no duration; write for example 90m, 12h or 30d"));
}

absl::StatusOr<absl::Time> ParsePastTime(const std::string& text, absl::Time now) {
  absl::Time time;
  if (absl::ParseTime("%Y-%m-%d", text, &time, nullptr) ||
      absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) {
    return time;
  }
  if (const absl::StatusOr<absl::Duration> period = ParsePeriod(text); period.ok()) {
    return now - *period;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", text,
                   "\" is no time; write for example 2026-01-31, 2026-01-31T08:00:00Z, or 24h for "
                   "a day ago"));
}

google::protobuf::Timestamp ToProto(absl::Time time) {
  google::protobuf::Timestamp proto;
  proto.set_seconds(absl::ToUnixSeconds(time));
  proto.set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(proto.seconds()))));
  return proto;
}

google::protobuf::Duration ToProto(absl::Duration duration) {
  google::protobuf::Duration proto;
  absl::Duration rest;
  proto.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &rest));
  proto.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  return proto;
}

std::string PeriodText(const google::protobuf::Duration& duration) {
  constexpr int64_t kDay = 86400;
  if (duration.seconds() % kDay == 0) return absl::StrCat(duration.seconds() / kDay, "d");
  return absl::FormatDuration(absl::Seconds(duration.seconds()));
}

}  // namespace homeport
