// Looks from time to time whether the pods behind agents' streams are still there, and are still
// the workspaces that they were let in as; ends the streams of those that are not.
//
// A stream outlives the token that it began with: the kubelet replaces tokens while the agent runs.
// So it is the pod that is looked at. When nobody can say, a stream goes on for kLongestBlind.
//
// Threads: any; a mutex guards the list. Looks are taken on the pool, and spread over the interval.
// `end` is called from there.
#ifndef HOMEPORT_COORDINATOR_POD_WATCH_H_
#define HOMEPORT_COORDINATOR_POD_WATCH_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/worker_pool.h"
#include "coordinator/identity/token_claims.h"

namespace homeport {

class PodWatch {
 public:
  static constexpr absl::Duration kLongestBlind = absl::Hours(1);
  // Looks that are waiting or under way; with a tick a second also the most a second.
  static constexpr int kMostAtOnce = 128;

  struct Watched {
    PodIdentity pod;
    int64_t workspace_id = 0;
    std::function<void(const absl::Status&)> end;  // ends the stream
  };
  // UNAUTHENTICATED if the pod is not that workspace any more, another error if nobody can say.
  using Check = std::function<absl::Status(const PodIdentity& pod, int64_t workspace_id)>;

  // `check` is asked on `pool`. Each stream is looked at every `interval`, more or less; after a
  // failure sooner.
  PodWatch(Check check, WorkerPool& pool, absl::Duration interval)
      : check_(std::move(check)), pool_(pool), interval_(interval) {}

  // A stream of a pod that was found good at `now`. Gives a number for Remove.
  int64_t Add(Watched watched, absl::Time now);
  void Remove(int64_t id);
  // Begins to look at those whose time has come; to be called every second or so.
  void Tick(absl::Time now);

 private:
  struct Entry {
    Watched watched;
    absl::Time due;
    absl::Time last_good;
    bool looking = false;
  };

  absl::Duration Spread(absl::Duration mean) const;
  void Look(int64_t id, const Watched& watched, absl::Time now);

  const Check check_;
  WorkerPool& pool_;
  const absl::Duration interval_;
  absl::Mutex mutex_;
  std::map<int64_t, Entry> entries_ ABSL_GUARDED_BY(mutex_);
  int64_t last_id_ ABSL_GUARDED_BY(mutex_) = 0;
  int looking_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_POD_WATCH_H_
