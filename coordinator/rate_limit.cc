#include "coordinator/rate_limit.h"

#include <algorithm>

namespace homeport {

bool RateLimit::Take(int64_t who, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  if (buckets_.size() >= sweep_at_) SweepLocked(now);
  Bucket& bucket = buckets_.try_emplace(who, Bucket{burst_, now}).first->second;
  bucket.tokens = TokensLocked(bucket, now);
  bucket.filled = now;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

double RateLimit::TokensLocked(const Bucket& bucket, absl::Time now) const {
  // A clock that was set back gives nothing and takes nothing.
  const double passed = std::max(0.0, absl::ToDoubleSeconds(now - bucket.filled));
  return std::min(burst_, bucket.tokens + passed * per_second_);
}

void RateLimit::SweepLocked(absl::Time now) {
  for (auto it = buckets_.begin(); it != buckets_.end();) {
    it = TokensLocked(it->second, now) >= burst_ ? buckets_.erase(it) : std::next(it);
  }
  sweep_at_ = std::max<size_t>(64, 2 * buckets_.size());
}

}  // namespace homeport
