// Times for messages and for people.
#ifndef HOMEPORT_COORDINATOR_TIMESTAMPS_H_
#define HOMEPORT_COORDINATOR_TIMESTAMPS_H_

#include <algorithm>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace homeport {

inline google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  const int64_t seconds = absl::ToUnixSeconds(time);
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(
      static_cast<int32_t>((time - absl::FromUnixSeconds(seconds)) / absl::Nanoseconds(1)));
  return timestamp;
}

// INVALID_ARGUMENT with the field for a time that protobuf does not have (timestamp.proto).
inline absl::StatusOr<absl::Time> ReadTimestamp(absl::string_view field,
                                                const google::protobuf::Timestamp& timestamp) {
  constexpr int64_t kFirst = -62135596800, kLast = 253402300799;  // the years 1 to 9999
  if (timestamp.seconds() < kFirst || timestamp.seconds() > kLast || timestamp.nanos() < 0 ||
      timestamp.nanos() > 999999999) {
    return absl::InvalidArgumentError(absl::StrCat(field, " is no valid time"));
  }
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

inline google::protobuf::Duration ToDuration(absl::Duration duration) {
  google::protobuf::Duration message;
  message.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &duration));
  message.set_nanos(static_cast<int32_t>(duration / absl::Nanoseconds(1)));
  return message;
}

// Durations that protobuf does not have (duration.proto) come out as absurd as they went in.
inline absl::Duration ReadDuration(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

// "a moment ago", "5 minutes ago", "1 day ago".
inline std::string HowLongAgo(absl::Duration age) {
  const auto say = [](int64_t count, const char* unit) {
    return absl::StrCat(count, " ", unit, count == 1 ? "" : "s", " ago");
  };
  if (age < absl::Minutes(1)) return "a moment ago";
  if (age < absl::Hours(1)) return say(age / absl::Minutes(1), "minute");
  if (age < absl::Hours(24)) return say(age / absl::Hours(1), "hour");
  return say(age / absl::Hours(24), "day");
}

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_TIMESTAMPS_H_
