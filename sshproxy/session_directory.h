// Which session lives on which loop, so that the coordinator's word finds it; and how many
// connections there are.
//
// Threads: any.
#ifndef HOMEPORT_SSHPROXY_SESSION_DIRECTORY_H_
#define HOMEPORT_SSHPROXY_SESSION_DIRECTORY_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "sshproxy/proxy_metrics.h"
#include "sshproxy/session_broker.h"

namespace homeport {

class LoopThread;
class UserConnection;

class SessionDirectory {
 public:
  // `metrics` outlives this object.
  explicit SessionDirectory(ProxyMetrics& metrics) : metrics_(metrics) {}

  void Add(const LiveSession& session, LoopThread& thread, uint64_t connection);
  void Remove(const std::string& session_id);
  // Runs `work` on the session's connection, on its loop. The coordinator's word on a session may
  // overtake the answer that names it: for one that is not here it is kept for a while.
  void WithSession(const std::string& session_id, std::function<void(UserConnection&)> work);
  std::vector<LiveSession> Sessions() const;

  void CountConnection(int change);
  int64_t connections() const { return connections_; }

 private:
  struct Place {
    LoopThread* thread;
    uint64_t connection;
    LiveSession session;
  };

  // A word that came before its session.
  struct Early {
    absl::Time expire_time;
    std::function<void(UserConnection&)> work;
  };

  void KeepLocked(const std::string& session_id, std::function<void(UserConnection&)> work)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  ProxyMetrics& metrics_;
  std::atomic<int64_t> connections_{0};
  mutable absl::Mutex mutex_;
  std::unordered_map<std::string, Place> places_ ABSL_GUARDED_BY(mutex_);
  std::unordered_map<std::string, Early> early_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace homeport

#endif  // HOMEPORT_SSHPROXY_SESSION_DIRECTORY_H_
