// Times for messages and for people.
#ifndef HOMEPORT_COORDINATOR_TIMESTAMPS_H_
#define HOMEPORT_COORDINATOR_TIMESTAMPS_H_

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace homeport {

inline google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  const int64_t nanos = absl::ToUnixNanos(time);
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(nanos / 1000000000);
  timestamp.set_nanos(static_cast<int32_t>(nanos % 1000000000));
  return timestamp;
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
