// How often each of many may do something: a token bucket for each number.
//
// Threads: any; a mutex guards the buckets.
#ifndef HOMEPORT_COORDINATOR_RATE_LIMIT_H_
#define HOMEPORT_COORDINATOR_RATE_LIMIT_H_

#include <cstddef>
#include <cstdint>
#include <map>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace homeport {

class RateLimit {
 public:
  // How many are told apart at a time; those who come when that many are at their limits share one
  // bucket.
  static constexpr size_t kMostBuckets = 1 << 16;

  // Each may do `burst` at once, and `per_second` in the long run.
  RateLimit(double per_second, double burst, size_t most_buckets = kMostBuckets)
      : per_second_(per_second), burst_(burst), most_buckets_(most_buckets) {}

  // Whether `who` may now; counts it if so.
  bool Take(int64_t who, absl::Time now);
  // How long until `who` may; zero if now.
  absl::Duration Wait(int64_t who, absl::Time now);
  // Takes back that much of what was counted: it turned out not to matter.
  void GiveBack(int64_t who, double amount, absl::Time now);

 private:
  struct Bucket {
    double tokens = 0;
    absl::Time filled;  // as of when
  };

  // As of now.
  Bucket& FindLocked(int64_t who, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  double TokensLocked(const Bucket& bucket, absl::Time now) const;
  // Drops full buckets: whoever comes again gets a full one.
  void SweepLocked(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const double per_second_;
  const double burst_;
  const size_t most_buckets_;
  absl::Mutex mutex_;
  std::map<int64_t, Bucket> buckets_ ABSL_GUARDED_BY(mutex_);
  Bucket shared_ ABSL_GUARDED_BY(mutex_);
  size_t sweep_at_ ABSL_GUARDED_BY(mutex_) = 64;
  absl::Time swept_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_RATE_LIMIT_H_
