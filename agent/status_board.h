// What the agent says of itself (v1::AgentStatus), put together from its parts: each part is set by
// who knows it, and the whole is handed on when one of them changes.
//
// Threads: any. Deliveries come one after another, on the thread that made the change and before
// its call returns; the last one handed on is the present one. A delivery does not call back into
// Set….
#ifndef HOMEPORT_AGENT_STATUS_BOARD_H_
#define HOMEPORT_AGENT_STATUS_BOARD_H_

#include <functional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "proto/homeport/v1/agent.pb.h"

namespace homeport::agent {

class StatusBoard {
 public:
  using ChangeCallback = std::function<void(const v1::AgentStatus& status)>;
  using Clock = std::function<absl::Time()>;

  explicit StatusBoard(ChangeCallback on_change, Clock clock = absl::Now);
  StatusBoard(const StatusBoard&) = delete;
  StatusBoard& operator=(const StatusBoard&) = delete;

  // The backends and why OpenSSH is passed over; nothing else of the message.
  void SetBackends(const v1::AgentStatus& backends);
  // The file of that path.
  void SetFile(const v1::ManagedFile& file);
  // Forgets the file of that path.
  void RemoveFile(const std::string& path);
  void SetKeySocket(const v1::KeySocketStatus& key_socket);
  void SetLimits(const v1::ResourceLimits& limits);
  // Something went wrong just now: one sentence. The same again moves only its time, which is
  // handed on with the next change.
  void SetError(const std::string& sentence);

  v1::AgentStatus status() const;

 private:
  using Change = std::function<void(v1::AgentStatus& status)>;

  // Hands the status on if `change` made it different.
  void Apply(const Change& change);

  const ChangeCallback on_change_;
  const Clock clock_;
  // Held from a change until it has been delivered: that keeps deliveries in order. No other lock
  // is taken by who holds mutex_.
  absl::Mutex delivery_ ABSL_ACQUIRED_BEFORE(mutex_);
  mutable absl::Mutex mutex_;
  v1::AgentStatus status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_STATUS_BOARD_H_
