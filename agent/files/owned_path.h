// Finds a file below a folder without ever being led to somebody else's: each name of the path and
// of every symbolic link on it is opened by itself, in the folder that was opened before it
// (openat, O_NOFOLLOW), and looked at before it is used. What is renamed or replaced meanwhile
// makes no difference to what has been opened.
//
// A folder or symbolic link on the way must be ours or root's, and a folder must not be writable by
// everybody unless it is sticky (/tmp). Where we start is the caller's to choose and is not looked
// at: homes belong to root, to groups or to everybody in many a container.
//
// Threads: any.
#ifndef HOMEPORT_AGENT_FILES_OWNED_PATH_H_
#define HOMEPORT_AGENT_FILES_OWNED_PATH_H_

#include <sys/stat.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/unique_fd.h"

namespace homeport::agent {

struct OwnedPath {
  UniqueFd folder;        // readable: can be flushed
  std::string name;       // in the folder; no symbolic link when it was looked at
  std::string path;       // for people
  bool exists = false;    // then `info` says what it is
  struct stat info = {};  // of the last name
};

// Follows `path`, relative to `start` and not empty. The last name need not exist, all others must.
// Errors are sentences: NOT_FOUND for what is missing on the way, PERMISSION_DENIED for what is
// somebody else's, FAILED_PRECONDITION for links that lead in a circle. `shown` is the start's
// path.
absl::StatusOr<OwnedPath> FollowOwnedPath(int start, absl::string_view shown,
                                          absl::string_view path);

// The folder `path`, followed as a person would have it followed, for a start.
absl::StatusOr<UniqueFd> OpenStart(const std::string& path);

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_FILES_OWNED_PATH_H_
