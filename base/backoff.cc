#include "base/backoff.h"

#include <algorithm>

namespace homeport {

absl::Duration Backoff::Next() {
  const absl::Duration delay = range_ * absl::Uniform(random_, 0.1, 1.0);
  range_ = std::min(range_ * 2, cap_);
  return delay;
}

}  // namespace homeport
