// What the audit says of sessions: each start, each end, and each refusal at the front door.
//
// A session that cannot be recorded does not start. Ends are written by a thread of the ledger's
// own, soon after; refusals as they come, twenty at once and one a second for each address that
// they come from: the next line says how many were left out.
//
// Threads: any. RecordStart and RecordRefusal block, since they write to the store.
#ifndef HOMEPORT_COORDINATOR_SESSION_LEDGER_H_
#define HOMEPORT_COORDINATOR_SESSION_LEDGER_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "base/worker_pool.h"
#include "coordinator/rate_limit.h"
#include "coordinator/session.h"
#include "coordinator/store/store.h"
#include "proto/homeport/v1/session.pb.h"

namespace homeport {

class SessionLedger {
 public:
  explicit SessionLedger(Store& store) : store_(store) {}

  // An error: it is not recorded, and the session must not start.
  absl::Status RecordStart(const Session& session);
  // `reason` is what ended it. Does nothing for a session whose start is not recorded.
  void RecordEnd(const Session& session, const std::string& reason);
  // `user` is the user's name, or empty if nobody has the key.
  void RecordRefusal(const v1::OpenSessionRequest& request, const std::string& user,
                     const std::string& reason);

 private:
  // Whether the refusal is written down; `left_out` is how many were not since the last one.
  bool CountRefusal(const std::string& address, int64_t& left_out);

  Store& store_;
  RateLimit refusals_{1, 20};  // by address
  absl::Mutex mutex_;
  std::map<int64_t, int64_t> left_out_ ABSL_GUARDED_BY(mutex_);  // by address
  WorkerPool writer_{1};                                         // above the others: ends first
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_SESSION_LEDGER_H_
