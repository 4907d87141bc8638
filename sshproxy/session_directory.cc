#include "sshproxy/session_directory.h"

#include <iterator>
#include <utility>

#include "absl/time/clock.h"
#include "sshproxy/loop_thread.h"

namespace homeport {
namespace {

// The answer to a sign-in follows within milliseconds. What is kept for longer was about a session
// that is over.
constexpr absl::Duration kKeepEarly = absl::Seconds(30);
constexpr size_t kMostEarly = 10000;

}  // namespace

void SessionDirectory::Add(const LiveSession& session, LoopThread& thread, uint64_t connection) {
  std::function<void(UserConnection&)> early;
  {
    absl::MutexLock lock(&mutex_);
    places_[session.session_id] = {&thread, connection, session};
    const auto found = early_.find(session.session_id);
    if (found == early_.end()) return;
    early = std::move(found->second.work);
    early_.erase(found);
  }
  thread.WithConnection(connection, std::move(early));
}

void SessionDirectory::Remove(const std::string& session_id) {
  absl::MutexLock lock(&mutex_);
  places_.erase(session_id);
}

void SessionDirectory::WithSession(const std::string& session_id,
                                   std::function<void(UserConnection&)> work) {
  Place place;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = places_.find(session_id);
    if (found == places_.end()) {
      KeepLocked(session_id, std::move(work));
      return;
    }
    place = found->second;
  }
  place.thread->WithConnection(place.connection, std::move(work));
}

void SessionDirectory::KeepLocked(const std::string& session_id,
                                  std::function<void(UserConnection&)> work) {
  const absl::Time now = absl::Now();
  for (auto it = early_.begin(); it != early_.end();) {
    it = it->second.expire_time < now ? early_.erase(it) : std::next(it);
  }
  if (early_.size() >= kMostEarly) return;
  // The later word counts: a session that was ended is over, whatever became of its tunnel.
  early_[session_id] = {now + kKeepEarly, std::move(work)};
}

std::vector<LiveSession> SessionDirectory::Sessions() const {
  std::vector<LiveSession> sessions;
  absl::MutexLock lock(&mutex_);
  sessions.reserve(places_.size());
  for (const auto& [id, place] : places_) sessions.push_back(place.session);
  return sessions;
}

void SessionDirectory::CountConnection(int change) {
  metrics_.SetConnections(connections_ += change);
}

}  // namespace homeport
