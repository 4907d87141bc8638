// One caller of AdminService.WatchSessions: is told of sessions as they come, change and go.
//
// Threads: any. The registry tells it under its lock, so nothing here blocks. It deletes itself
// when gRPC has done with it and nobody else holds it.
#ifndef HOMEPORT_COORDINATOR_SESSION_WATCH_H_
#define HOMEPORT_COORDINATOR_SESSION_WATCH_H_

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "coordinator/replicas/replicas.h"
#include "coordinator/session_registry.h"
#include "grpcpp/support/server_callback.h"
#include "proto/homeport/v1/admin.pb.h"

namespace homeport {

class SessionWatch final : public grpc::ServerWriteReactor<v1::SessionEvent>,
                           public SessionRegistry::Observer {
 public:
  // `gone` is called when gRPC has done with it.
  static std::shared_ptr<SessionWatch> Make(SessionRegistry& sessions, Replicas& replicas,
                                            std::function<void(SessionWatch&)> gone);

  ~SessionWatch() override;

  // Begins to tell about these; once. Blocks.
  void Begin(const SessionFilter& filter);
  // Ends it, once.
  void End(const absl::Status& status);

 private:
  // A caller who does not read is left behind.
  static constexpr size_t kMostQueued = 100000;

  SessionWatch(SessionRegistry& sessions, Replicas& replicas,
               std::function<void(SessionWatch&)> gone)
      : sessions_(sessions), replicas_(replicas), gone_(std::move(gone)) {}

  // The registry.
  void OnSessionStarted(const Session& session) override;
  void OnSessionUpdated(const Session& session) override;
  void OnSessionEnded(const Session& session, const std::string& reason) override;
  void OnCaughtUp() override;
  // gRPC.
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  void Tell(v1::SessionEvent event);
  void EndLocked(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  SessionRegistry& sessions_;
  Replicas& replicas_;
  const std::function<void(SessionWatch&)> gone_;
  SessionFilter filter_;  // written before the registry knows this object
  absl::Mutex mutex_;
  std::deque<v1::SessionEvent> queue_ ABSL_GUARDED_BY(mutex_);  // the first is being written
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::shared_ptr<SessionWatch> self_;  // until gRPC has done
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_SESSION_WATCH_H_
