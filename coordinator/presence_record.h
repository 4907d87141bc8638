// Writes down when workspaces' agents were last there: those that come and go in a short time
// together, since each writing waits for the disk.
//
// Threads: Note from any; the rest runs on the pool, which joins before this object goes.
#ifndef HOMEPORT_COORDINATOR_PRESENCE_RECORD_H_
#define HOMEPORT_COORDINATOR_PRESENCE_RECORD_H_

#include <cstdint>
#include <set>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/worker_pool.h"
#include "coordinator/agent_registry.h"
#include "coordinator/store/store.h"

namespace homeport {

class PresenceRecord {
 public:
  PresenceRecord(Store& store, WorkerPool& pool, AgentRegistry& agents)
      : store_(store), pool_(pool), agents_(agents) {}

  // The workspace's agent is or was there now. Ends its stream if the workspace has been deleted
  // meanwhile. A failure is counted and logged by the store, and the next minute tries again.
  void Note(int64_t workspace_id);

 private:
  void Write();
  // Of these one at least is gone.
  void DisconnectDeleted(const std::vector<int64_t>& workspaces);

  Store& store_;
  WorkerPool& pool_;
  AgentRegistry& agents_;
  absl::Mutex mutex_;
  std::set<int64_t> noted_ ABSL_GUARDED_BY(mutex_);  // not empty: Write is under way or to come
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_PRESENCE_RECORD_H_
