#include "rpc/reconnect_pace.h"

#include <algorithm>

namespace homeport {
namespace {

// To another address: soon, and not at once, for others turn away from the same one.
constexpr absl::Duration kBeforeAnother = absl::Milliseconds(200);
// Of what the server asked for, so much is added at random: it tells many the same.
constexpr double kAdded = 0.1;

}  // namespace

absl::Duration ReconnectPace::After(const Outcome& outcome) {
  if (outcome.come_back.has_value()) {
    const absl::Duration asked =
        std::clamp(*outcome.come_back, absl::ZeroDuration(), kLongestAsked);
    return asked + UpTo(asked * kAdded + kBeforeAnother);
  }
  if (outcome.stood >= options_.stable_after) {
    backoff_.Reset();
    return UpTo(std::min(options_.spread, options_.cap));
  }
  if (outcome.refused) {
    backoff_.JumpToCap();
  } else if (outcome.others) {
    return UpTo(std::min(kBeforeAnother, options_.cap));
  }
  return backoff_.Next();
}

absl::Duration ReconnectPace::UpTo(absl::Duration most) {
  return most * absl::Uniform(random_, 0.0, 1.0);
}

}  // namespace homeport
