// Which SSH sessions workspaces' key sockets have lately signed a sign-in for.
//
// A request to sign in names the session that it is for (RFC 4252, 7), and not which server that is
// with. So the front door asks here when somebody shows a signature for a session of its own:
// whether it was a workspace that had it made.
//
// Threads: any; a mutex guards it.
#ifndef HOMEPORT_COORDINATOR_KEY_SOCKET_MEMORY_H_
#define HOMEPORT_COORDINATOR_KEY_SOCKET_MEMORY_H_

#include <cstddef>
#include <deque>
#include <set>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "coordinator/replicas/replicas.h"

namespace homeport {

class KeySocketMemory {
 public:
  // A sign-in may not take longer than a minute.
  static constexpr absl::Duration kRemember = absl::Minutes(2);
  static constexpr size_t kMostRemembered = 200000;

  // With `replicas`, which outlives this object, they remember too, and both methods block.
  explicit KeySocketMemory(Replicas* replicas = nullptr) : replicas_(replicas) {}

  // To be called before the signature is given away. False if there is no room left, or if the
  // other replicas cannot be told: then it must not be made.
  bool Note(absl::string_view session_identifier, absl::Time now);
  // True also if the other replicas cannot be asked.
  bool Contains(absl::string_view session_identifier) const;

 private:
  Replicas* const replicas_;
  mutable absl::Mutex mutex_;
  std::multiset<std::string, std::less<>> identifiers_ ABSL_GUARDED_BY(mutex_);
  // In order of time, as the identifiers are forgotten.
  std::deque<std::pair<absl::Time, std::string>> noted_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_KEY_SOCKET_MEMORY_H_
