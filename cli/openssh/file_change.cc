#include "cli/openssh/file_change.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/file.h"

namespace homeport {
namespace {

namespace fs = std::filesystem;

constexpr int kMostLinks = 40;

absl::Status Failed(const absl::Status& status) {
  return absl::FailedPreconditionError(status.message());
}

// Where the last symbolic link leads, also if nothing is there.
absl::StatusOr<std::string> FollowLinks(const std::string& path) {
  fs::path place = path;
  for (int i = 0; i < kMostLinks; ++i) {
    std::error_code error;
    if (!fs::is_symlink(fs::symlink_status(place, error))) return place.string();
    const fs::path target = fs::read_symlink(place, error);
    if (error) break;
    place = target.is_absolute() ? target : place.parent_path() / target;
  }
  return absl::FailedPreconditionError(
      absl::StrCat("the symbolic links at ", path, " lead nowhere"));
}

absl::Status MakeBackup(const FileChange& change, mode_t mode) {
  if (change.backup.empty() || !change.before.has_value()) return absl::OkStatus();
  return WriteFileAtomically(change.backup, *change.before, mode);
}

}  // namespace

absl::StatusOr<std::optional<std::string>> ReadIfThere(const std::string& path) {
  absl::StatusOr<std::string> content = ReadFile(path, size_t{16} << 20);
  if (content.ok()) return *std::move(content);
  if (absl::IsNotFound(content.status())) return std::nullopt;
  return Failed(content.status());
}

std::string DescribeChange(const FileChange& change) {
  const char* verb = !change.after.has_value()   ? "remove"
                     : change.before.has_value() ? "change"
                                                 : "create";
  return absl::StrCat(verb, " ", change.path);
}

absl::Status Apply(const FileChange& change) {
  if (!change.changes()) return absl::OkStatus();
  const absl::StatusOr<std::string> place = FollowLinks(change.path);
  if (!place.ok()) return place.status();
  if (!change.after.has_value()) {
    if (unlink(change.path.c_str()) == 0 || errno == ENOENT) return absl::OkStatus();
    return Failed(ErrnoStatus(errno, absl::StrCat("cannot remove ", change.path)));
  }
  struct stat info = {};
  const bool there = stat(place->c_str(), &info) == 0;
  const mode_t mode = there ? info.st_mode & 07777 : change.mode;
  if (absl::Status status = MakeBackup(change, mode); !status.ok()) return Failed(status);
  absl::Status status = WriteFileAtomically(*place, *change.after, mode);
  return status.ok() ? status : Failed(status);
}

}  // namespace homeport
