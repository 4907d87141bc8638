#include "coordinator/connect_limit.h"

#include <algorithm>

namespace homeport {

absl::Duration ConnectLimit::Admit(absl::Time now) {
  if (per_second_ <= 0) return absl::ZeroDuration();
  absl::MutexLock lock(&mutex_);
  // A clock that was set back gives nothing.
  const double passed = std::max(0.0, absl::ToDoubleSeconds(now - filled_));
  tokens_ = std::min(per_second_, tokens_ + passed * per_second_);
  filled_ = now;
  if (tokens_ >= 1) {
    tokens_ -= 1;
    return absl::ZeroDuration();
  }
  promised_ = std::clamp(promised_ + absl::Seconds(1 / per_second_), now + kShortestWait,
                         now + kLongestWait);
  // At the end of the row all would be told the same: it begins again in the middle.
  if (promised_ == now + kLongestWait) promised_ = now + kLongestWait / 2;
  return promised_ - now;
}

}  // namespace homeport
