#include "coordinator/session_watch.h"

#include <utility>

#include "rpc/status_conversion.h"

namespace homeport {

std::shared_ptr<SessionWatch> SessionWatch::Make(SessionRegistry& sessions, Replicas& replicas,
                                                 std::function<void(SessionWatch&)> gone) {
  std::shared_ptr<SessionWatch> watch(new SessionWatch(sessions, replicas, std::move(gone)));
  watch->self_ = watch;
  return watch;
}

void SessionWatch::Begin(const SessionFilter& filter) {
  filter_ = filter;
  // Not under the lock: they call back under their own.
  const absl::Status elsewhere = replicas_.AddObserver(*this);
  if (!elsewhere.ok()) return End(elsewhere);
  sessions_.AddObserver(*this);
}

// After Begin, whose caller holds the object; what the registry still tells is dropped by then.
SessionWatch::~SessionWatch() {
  sessions_.RemoveObserver(*this);
  replicas_.RemoveObserver(*this);
}

void SessionWatch::End(const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  EndLocked(status);
}

void SessionWatch::EndLocked(const absl::Status& status) {
  if (std::exchange(ended_, true)) return;
  Finish(ToGrpcStatus(status));
}

void SessionWatch::OnSessionStarted(const Session& session) {
  if (!filter_.Matches(session)) return;
  v1::SessionEvent event;
  *event.mutable_started() = ToProto(session);
  Tell(std::move(event));
}

void SessionWatch::OnSessionUpdated(const Session& session) {
  if (!filter_.Matches(session)) return;
  v1::SessionEvent event;
  *event.mutable_updated() = ToProto(session);
  Tell(std::move(event));
}

void SessionWatch::OnSessionEnded(const Session& session, const std::string& reason) {
  if (!filter_.Matches(session) || reason == SessionRegistry::kMoved) return;
  v1::SessionEvent event;
  *event.mutable_ended() = ToProto(session);
  event.set_reason(reason);
  Tell(std::move(event));
}

void SessionWatch::OnCaughtUp() {
  v1::SessionEvent event;
  event.mutable_caught_up();
  Tell(std::move(event));
}

void SessionWatch::Tell(v1::SessionEvent event) {
  absl::MutexLock lock(&mutex_);
  if (ended_) return;
  if (queue_.size() >= kMostQueued) {
    EndLocked(absl::ResourceExhaustedError("the watch is not read quickly enough"));
    return;
  }
  queue_.push_back(std::move(event));
  if (queue_.size() == 1) StartWrite(&queue_.front());
}

void SessionWatch::OnWriteDone(bool ok) {
  absl::MutexLock lock(&mutex_);
  queue_.pop_front();
  if (!ok) {
    EndLocked(absl::CancelledError("the caller hung up"));
  } else if (!ended_ && !queue_.empty()) {
    StartWrite(&queue_.front());
  }
}

void SessionWatch::OnCancel() { End(absl::CancelledError("the caller hung up")); }

void SessionWatch::OnDone() {
  gone_(*this);
  self_.reset();  // perhaps the last reference
}

}  // namespace homeport
