#include "coordinator/pod_watch.h"

#include <algorithm>

#include "absl/random/random.h"
#include "base/logging.h"

namespace homeport {
namespace {

// After a failure: a tenth of the interval, so that an API server that is away is not crowded.
constexpr int kSooner = 10;

}  // namespace

// Between 0.8 and 1.2 times that.
absl::Duration PodWatch::Spread(absl::Duration mean) const {
  thread_local absl::BitGen random;
  return mean * absl::Uniform(random, 0.8, 1.2);
}

int64_t PodWatch::Add(Watched watched, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  const int64_t id = ++last_id_;
  entries_[id] = Entry{std::move(watched), now + Spread(interval_), now, false};
  return id;
}

void PodWatch::Remove(int64_t id) {
  absl::MutexLock lock(&mutex_);
  entries_.erase(id);
}

void PodWatch::Tick(absl::Time now) {
  std::vector<std::pair<int64_t, Watched>> due;
  {
    absl::MutexLock lock(&mutex_);
    for (auto& [id, entry] : entries_) {
      if (looking_ >= kMostAtOnce) break;
      if (entry.looking || entry.due > now) continue;
      entry.looking = true;
      ++looking_;
      due.emplace_back(id, entry.watched);
    }
  }
  for (auto& [id, watched] : due) {
    pool_.Submit([this, id = id, watched = std::move(watched), now] { Look(id, watched, now); });
  }
}

void PodWatch::Look(int64_t id, const Watched& watched, absl::Time now) {
  absl::Status status = check_(watched.pod, watched.workspace_id);
  bool gone = absl::IsUnauthenticated(status);
  {
    absl::MutexLock lock(&mutex_);
    --looking_;
    const auto found = entries_.find(id);
    if (found == entries_.end()) return;
    Entry& entry = found->second;
    entry.looking = false;
    if (status.ok()) entry.last_good = now;
    entry.due = now + Spread(status.ok() ? interval_ : interval_ / kSooner);
    if (!status.ok() && now - entry.last_good >= kLongestBlind) gone = true;
  }
  if (!gone) return;
  Logger("identity")
      ->info("ending the stream of {}: {}", DescribePod(watched.pod),
             std::string(status.message()));
  watched.end(absl::UnauthenticatedError(status.message()));
}

}  // namespace homeport
