#include "sshproxy/session_directory.h"

#include <utility>

#include "sshproxy/loop_thread.h"

namespace homeport {

void SessionDirectory::Add(const LiveSession& session, LoopThread& thread, uint64_t connection) {
  absl::MutexLock lock(&mutex_);
  places_[session.session_id] = {&thread, connection, session};
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
    if (found == places_.end()) return;
    place = found->second;
  }
  place.thread->WithConnection(place.connection, std::move(work));
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
