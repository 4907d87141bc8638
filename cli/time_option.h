// Times and durations as people type them.
//
// Threads: any.
#ifndef HOMEPORT_CLI_TIME_OPTION_H_
#define HOMEPORT_CLI_TIME_OPTION_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace homeport {

// "90m", "12h30m", and whole days as "30d". INVALID_ARGUMENT for others and for less than nothing.
absl::StatusOr<absl::Duration> ParsePeriod(const std::string& text);

// "2026-01-31" (its first second, UTC), "2026-01-31T08:00:00Z", or a period before `now`: "24h".
absl::StatusOr<absl::Time> ParsePastTime(const std::string& text, absl::Time now);

google::protobuf::Timestamp ToProto(absl::Time time);
google::protobuf::Duration ToProto(absl::Duration duration);

// "30d", "12h".
std::string PeriodText(const google::protobuf::Duration& duration);

}  // namespace homeport

#endif  // HOMEPORT_CLI_TIME_OPTION_H_
