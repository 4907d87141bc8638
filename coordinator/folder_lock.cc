#include "coordinator/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "base/file.h"

namespace homeport {

absl::StatusOr<UniqueFd> LockFolder(const std::string& folder) {
  const std::string path = absl::StrCat(folder, "/lock");
  UniqueFd lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.valid()) return ErrnoStatus(errno, absl::StrCat("cannot open ", path));
  if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("another coordinator is running on ", folder, "; stop it first"));
  }
  return lock;
}

}  // namespace homeport
