// How many agents may come in each second, and when those that are too many are to come again.
//
// A token bucket for all of them together. Whoever finds it empty is told a moment of its own, each
// a little later than the one before, so that they come at the pace at which they can be taken.
//
// Threads: any; a mutex guards it.
#ifndef HOMEPORT_COORDINATOR_CONNECT_LIMIT_H_
#define HOMEPORT_COORDINATOR_CONNECT_LIMIT_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace homeport {

class ConnectLimit {
 public:
  // Nobody is told to wait for longer: by then many will have gone elsewhere.
  static constexpr absl::Duration kLongestWait = absl::Seconds(60);
  // Nor for less, which would be no relief.
  static constexpr absl::Duration kShortestWait = absl::Seconds(1);

  // So many a second, and as many at once; 0: no limit.
  explicit ConnectLimit(int per_second) : per_second_(per_second), tokens_(per_second) {}

  // Zero if one may come in now, which counts it; else how long it is to stay away.
  absl::Duration Admit(absl::Time now);

 private:
  const double per_second_;
  absl::Mutex mutex_;
  double tokens_ ABSL_GUARDED_BY(mutex_);
  absl::Time filled_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();    // tokens_, as of when
  absl::Time promised_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();  // the last moment told
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_CONNECT_LIMIT_H_
