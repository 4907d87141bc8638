// The lock of a folder that one coordinator at a time works on: the file `lock` in it, which stays
// there. The kernel ends the lock with its holder.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_FOLDER_LOCK_H_
#define HOMEPORT_COORDINATOR_FOLDER_LOCK_H_

#include <string>

#include "absl/status/statusor.h"
#include "base/unique_fd.h"

namespace homeport {

// Held until the descriptor is closed. FAILED_PRECONDITION if another program holds it.
absl::StatusOr<UniqueFd> LockFolder(const std::string& folder);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_FOLDER_LOCK_H_
