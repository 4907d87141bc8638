// A file in a home's .ssh that the agent changes a part of: reads it, lets the caller say what it
// is to hold, and replaces it, so that whatever happens in between leaves the old content or the
// new.
//
// - Temporary file in the target's own folder (O_EXCL, O_NOFOLLOW, 0600), flush, rename, flush of
//   the folder. A temporary file that a crash has left is taken away by the next update.
// - .ssh is made, 0700, if it is missing. What is there keeps its mode, except that it stops being
//   writable by group and others: sshd (StrictModes) would not look into it. The home's own mode is
//   left alone. A file that is written becomes 0600; one that is right already loses only those
//   same bits.
// - Symbolic links are followed as owned_path.h says: the link stays, its target is replaced in its
//   own folder. A file with several hard links is replaced under this name; the others keep the old
//   content. A file of root's in a folder of ours becomes ours.
// - Nothing is written when nothing changes: the file's time stays.
// - Agents that share a home take turns by a lock on .ssh/.homeport.lock. Where there can be no
//   such lock (read-only, old NFS), it goes on without. A change by somebody else between reading
//   and replacing is seen, and read again.
//
// Errors are sentences for the person whose file it is.
//
// Threads: one at a time. Blocks, on a home that does not answer for as long as that takes.
#ifndef HOMEPORT_AGENT_FILES_MANAGED_FILE_H_
#define HOMEPORT_AGENT_FILES_MANAGED_FILE_H_

#include <functional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "agent/files/owned_path.h"
#include "base/unique_fd.h"

namespace homeport::agent {

class ManagedFile {
 public:
  struct Options {
    std::string home;  // absolute path
    std::string name;  // in .ssh
    size_t limit_bytes = 64 << 20;
    absl::Duration lock_limit = absl::Seconds(10);
    // Called after each step that a crash could follow.
    std::function<void()> on_step_for_test = [] {};
  };
  // The new content, given the old; the old is empty if there is no file.
  using Edit = std::function<std::string(absl::string_view content)>;

  explicit ManagedFile(Options options) : options_(std::move(options)) {}

  // UNAVAILABLE if another agent keeps the lock; RESOURCE_EXHAUSTED without room.
  absl::Status Update(const Edit& edit);

  // As the account sees it.
  std::string path() const { return options_.home + "/.ssh/" + options_.name; }

 private:
  struct Found {
    OwnedPath place;
    std::string content;
  };
  enum class Written { kYes, kChangedMeanwhile };

  absl::StatusOr<UniqueFd> OpenSshFolder() const;
  absl::StatusOr<UniqueFd> Lock(int ssh_folder) const;
  absl::StatusOr<Found> Read(int ssh_folder) const;
  absl::StatusOr<Written> Replace(const Found& found, absl::string_view content) const;
  absl::Status WriteTemporary(const Found& found, int file, absl::string_view content) const;
  absl::StatusOr<Written> Rename(const Found& found, const std::string& temporary) const;

  const Options options_;
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_FILES_MANAGED_FILE_H_
