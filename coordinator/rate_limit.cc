#include "coordinator/rate_limit.h"

#include <algorithm>

namespace homeport {
namespace {

// A full map is not gone through for each that comes.
constexpr absl::Duration kBetweenSweeps = absl::Seconds(1);

}  // namespace

bool RateLimit::Take(int64_t who, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  Bucket& bucket = FindLocked(who, now);
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

absl::Duration RateLimit::Wait(int64_t who, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  const double missing = 1 - FindLocked(who, now).tokens;
  return missing <= 0 ? absl::ZeroDuration() : absl::Seconds(missing / per_second_);
}

void RateLimit::GiveBack(int64_t who, double amount, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  Bucket& bucket = FindLocked(who, now);
  bucket.tokens = std::min(burst_, bucket.tokens + amount);
}

RateLimit::Bucket& RateLimit::FindLocked(int64_t who, absl::Time now) {
  if (buckets_.size() >= std::min(sweep_at_, most_buckets_) && now - swept_ >= kBetweenSweeps) {
    SweepLocked(now);
  }
  auto found = buckets_.find(who);
  if (found == buckets_.end() && buckets_.size() < most_buckets_) {
    found = buckets_.emplace(who, Bucket{burst_, now}).first;
  }
  if (found == buckets_.end() && shared_.filled == absl::Time()) shared_ = {burst_, now};
  Bucket& bucket = found == buckets_.end() ? shared_ : found->second;
  bucket = {TokensLocked(bucket, now), now};
  return bucket;
}

double RateLimit::TokensLocked(const Bucket& bucket, absl::Time now) const {
  // A clock that was set back gives nothing and takes nothing.
  const double passed = std::max(0.0, absl::ToDoubleSeconds(now - bucket.filled));
  return std::min(burst_, bucket.tokens + passed * per_second_);
}

void RateLimit::SweepLocked(absl::Time now) {
  swept_ = now;
  for (auto it = buckets_.begin(); it != buckets_.end();) {
    it = TokensLocked(it->second, now) >= burst_ ? buckets_.erase(it) : std::next(it);
  }
  sweep_at_ = std::max<size_t>(64, 2 * buckets_.size());
}

}  // namespace homeport
