#include "base/lock_order.h"

#include "absl/synchronization/mutex.h"

namespace homeport {

void DoNotCheckLockOrder() { absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore); }

}  // namespace homeport
