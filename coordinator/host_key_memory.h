// Remembers the host keys of workspaces' OpenSSH servers, so that a changed key is seen as a
// change.
//
// A key is known by its algorithm. Keys of algorithms that were not there before are only
// remembered; another key of a known algorithm, or none of the algorithms that were known, is a
// change: logged, recorded in the audit and kept with the workspace. The keys of the embedded
// server are not remembered: they are new at each start of the agent.
//
// Threads: any; blocks, since it asks the store.
#ifndef HOMEPORT_COORDINATOR_HOST_KEY_MEMORY_H_
#define HOMEPORT_COORDINATOR_HOST_KEY_MEMORY_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "coordinator/store/store.h"

namespace homeport {

class HostKeyMemory {
 public:
  struct Report {
    int64_t workspace_id = 0;
    int64_t ticket = 0;             // grows from report to report
    std::vector<std::string> keys;  // blobs
    std::string address;            // where the agent called from
  };

  explicit HostKeyMemory(Store& store) : store_(store) {}

  // The workspace's agent says that its OpenSSH has these keys. A report that is older than one
  // that was noted is left out.
  void Note(const Report& report);

 private:
  Store& store_;
  // Held while the store works, on purpose: of two reports of one change the second must find it
  // known.
  absl::Mutex mutex_;
  std::map<int64_t, int64_t> noted_ ABSL_GUARDED_BY(mutex_);  // by workspace: the last ticket
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_HOST_KEY_MEMORY_H_
