// Files that are about to change: shown first, or written.
//
// Threads: any.
#ifndef HOMEPORT_CLI_OPENSSH_FILE_CHANGE_H_
#define HOMEPORT_CLI_OPENSSH_FILE_CHANGE_H_

#include <sys/types.h>

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace homeport {

struct FileChange {
  std::string path;                   // as the person knows it
  std::optional<std::string> before;  // none: it is not there
  std::optional<std::string> after;   // none: it goes away
  mode_t mode = 0600;                 // of a new file; one that is there keeps its own
  bool secret = false;                // its content is shown to nobody
  std::string backup;                 // a path that what was there is copied to first; may be empty

  bool changes() const { return before != after; }
};

// The content of a file; none if there is none. FAILED_PRECONDITION if it cannot be read.
absl::StatusOr<std::optional<std::string>> ReadIfThere(const std::string& path);

// "create ~/x", "change ~/x", "remove ~/x".
std::string DescribeChange(const FileChange& change);

// Writes, or removes, the file that the path leads to: a symbolic link stays one. What is there is
// whole at every moment. FAILED_PRECONDITION says what could not be done; then nothing was.
absl::Status Apply(const FileChange& change);

// As `diff -u` shows it, without time stamps; of a secret only that it changes.
std::string UnifiedDiff(const FileChange& change);

}  // namespace homeport

#endif  // HOMEPORT_CLI_OPENSSH_FILE_CHANGE_H_
