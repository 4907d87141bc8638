// Which session lives on which loop, so that the coordinator's word finds it; and how many
// connections there are.
//
// The coordinator's word on a session may overtake the answer that names it: for one that is not
// here it is kept for a while, and counts as soon as the session is named.
//
// Threads: any.
#ifndef HOMEPORT_SSHPROXY_SESSION_DIRECTORY_H_
#define HOMEPORT_SSHPROXY_SESSION_DIRECTORY_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
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
  void NoteRelayed(const std::string& session_id, int backend);
  void NoteTraffic(const std::vector<SessionReport>& reports);
  void Remove(const std::string& session_id);
  // Forgets all sessions and words. Orders that were not carried out are told as done.
  void Clear();

  // Runs `work` on the session's connection, on its loop.
  void WithSession(const std::string& session_id, std::function<void(UserConnection&)> work);

  // Told when an order has been carried out on all of its sessions, and how many of them were here;
  // on any thread, perhaps within the call.
  using DoneCallback = std::function<void(int sessions)>;
  // Ends them with a sentence for their people. It is done when the last one's connections are
  // closed, or when it has been refused while it was being opened.
  void EndSessions(const std::vector<std::string>& session_ids, const std::string& message,
                   DoneCallback on_done);
  void ChangePolicy(const std::vector<std::string>& session_ids, const SessionPolicy& policy,
                    DoneCallback on_done);

  std::vector<LiveSession> Sessions() const;

  void CountConnection(int change);
  int64_t connections() const { return connections_; }

 private:
  using Work = std::function<void(UserConnection&)>;
  // Is done when nobody refers to it any more.
  class Order;

  struct Place {
    LoopThread* thread;
    uint64_t connection;
    LiveSession session;
    std::vector<std::shared_ptr<Order>> ending;  // each shared by all of its sessions
  };

  // Words that came before their session.
  struct Early {
    absl::Time expire_time;
    std::vector<Work> words;
  };

  // What an order about a session waits for.
  enum class Until { kRun, kOver };

  // Runs `work` on the session's connection, if it is here; else keeps it, and the order, which may
  // be null, does not wait for it.
  void Route(const std::string& session_id, Work work, const std::shared_ptr<Order>& order,
             Until until);
  void KeepLocked(const std::string& session_id, Work work) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The session is over as far as orders are concerned.
  void ReleaseOrders(const std::string& session_id);

  ProxyMetrics& metrics_;
  std::atomic<int64_t> connections_{0};
  mutable absl::Mutex mutex_;
  std::unordered_map<std::string, Place> places_ ABSL_GUARDED_BY(mutex_);
  std::unordered_map<std::string, Early> early_ ABSL_GUARDED_BY(mutex_);
  absl::Time next_sweep_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();  // of early_
};

}  // namespace homeport

#endif  // HOMEPORT_SSHPROXY_SESSION_DIRECTORY_H_
