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
// Words about one session that wait for it.
constexpr size_t kMostWords = 16;

}  // namespace

class SessionDirectory::Order {
 public:
  explicit Order(DoneCallback on_done) : on_done_(std::move(on_done)) {}
  ~Order() { on_done_(sessions_); }
  Order(const Order&) = delete;
  Order& operator=(const Order&) = delete;

  void CountSession() { ++sessions_; }

 private:
  const DoneCallback on_done_;
  int sessions_ = 0;  // counted by the thread that gives the order
};

void SessionDirectory::Add(const LiveSession& session, LoopThread& thread, uint64_t connection) {
  std::vector<Work> words;
  {
    absl::MutexLock lock(&mutex_);
    places_[session.session_id] = {&thread, connection, session, {}};
    const auto found = early_.find(session.session_id);
    if (found == early_.end()) return;
    words = std::move(found->second.words);
    early_.erase(found);
  }
  for (Work& word : words) thread.WithConnection(connection, std::move(word));
}

void SessionDirectory::NoteRelayed(const std::string& session_id, int backend) {
  absl::MutexLock lock(&mutex_);
  const auto found = places_.find(session_id);
  if (found != places_.end()) found->second.session.backend = backend;
}

void SessionDirectory::NoteTraffic(const std::vector<SessionReport>& reports) {
  absl::MutexLock lock(&mutex_);
  for (const SessionReport& report : reports) {
    const auto found = places_.find(report.session_id);
    if (found != places_.end()) found->second.session.traffic = report.traffic;
  }
}

void SessionDirectory::Remove(const std::string& session_id) {
  std::vector<std::shared_ptr<Order>> done;  // goes after the lock
  absl::MutexLock lock(&mutex_);
  const auto found = places_.find(session_id);
  if (found == places_.end()) return;
  done.swap(found->second.ending);
  places_.erase(found);
}

void SessionDirectory::Clear() {
  std::unordered_map<std::string, Place> places;  // both go after the lock
  std::unordered_map<std::string, Early> early;
  absl::MutexLock lock(&mutex_);
  places.swap(places_);
  early.swap(early_);
}

void SessionDirectory::ReleaseOrders(const std::string& session_id) {
  std::vector<std::shared_ptr<Order>> done;  // goes after the lock
  absl::MutexLock lock(&mutex_);
  const auto found = places_.find(session_id);
  if (found != places_.end()) done.swap(found->second.ending);
}

void SessionDirectory::WithSession(const std::string& session_id, Work work) {
  Route(session_id, std::move(work), nullptr, Until::kRun);
}

void SessionDirectory::EndSessions(const std::vector<std::string>& session_ids,
                                   const std::string& message, DoneCallback on_done) {
  const auto order = std::make_shared<Order>(std::move(on_done));
  for (const std::string& session_id : session_ids) {
    Route(
        session_id,
        [this, session_id, message](UserConnection& connection) {
          if (connection.EndSession(message)) ReleaseOrders(session_id);
        },
        order, Until::kOver);
  }
}

void SessionDirectory::ChangePolicy(const std::vector<std::string>& session_ids,
                                    const SessionPolicy& policy, DoneCallback on_done) {
  const auto order = std::make_shared<Order>(std::move(on_done));
  for (const std::string& session_id : session_ids) {
    Route(
        session_id, [policy](UserConnection& connection) { connection.ChangePolicy(policy); },
        order, Until::kRun);
  }
}

void SessionDirectory::Route(const std::string& session_id, Work work,
                             const std::shared_ptr<Order>& order, Until until) {
  LoopThread* thread = nullptr;
  uint64_t connection = 0;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = places_.find(session_id);
    if (found == places_.end()) {
      KeepLocked(session_id, std::move(work));
      return;
    }
    Place& place = found->second;
    thread = place.thread;
    connection = place.connection;
    if (order != nullptr) order->CountSession();
    if (order != nullptr && until == Until::kOver) place.ending.push_back(order);
  }
  if (order != nullptr && until == Until::kRun) {
    // Done when the work has run, or was dropped because the connection is gone.
    work = [order, work = std::move(work)](UserConnection& user) { work(user); };
  }
  thread->WithConnection(connection, std::move(work));
}

void SessionDirectory::KeepLocked(const std::string& session_id, Work work) {
  const absl::Time now = absl::Now();
  if (now >= next_sweep_) {
    next_sweep_ = now + absl::Seconds(1);
    for (auto it = early_.begin(); it != early_.end();) {
      it = it->second.expire_time < now ? early_.erase(it) : std::next(it);
    }
  }
  if (early_.size() >= kMostEarly) return;
  Early& early = early_[session_id];
  early.expire_time = now + kKeepEarly;
  if (early.words.size() < kMostWords) early.words.push_back(std::move(work));
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
