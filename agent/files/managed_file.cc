#include "agent/files/managed_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/file.h"

namespace homeport::agent {
namespace {

constexpr char kFolder[] = ".ssh";
constexpr char kLockName[] = ".homeport.lock";
constexpr size_t kChunkBytes = 64 << 10;
constexpr int kMostAttempts = 10;
constexpr absl::Duration kLockPause = absl::Milliseconds(20);
constexpr mode_t kRefusedBySshd = S_IWGRP | S_IWOTH;

// What a person can do about it.
absl::Status Sentence(int error, absl::string_view what, absl::string_view path) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return absl::ResourceExhaustedError(
          absl::StrCat("there is no room to write ", path, "; free some space in the home"));
    case EROFS:
      return absl::FailedPreconditionError(
          absl::StrCat(path, " is on a read-only file system; give the workspace a writable home"));
    case EACCES:
      return absl::PermissionDeniedError(absl::StrCat("the workspace's user may not ", what, " ",
                                                      path, "; look at its owner and mode"));
    case EPERM:
      return absl::PermissionDeniedError(
          absl::StrCat("the system does not permit to ", what, " ", path,
                       "; perhaps it or its folder is immutable, lsattr shows that"));
    default:
      return ErrnoStatus(error, absl::StrCat("cannot ", what, " ", path));
  }
}

bool IsSame(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size &&
         a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

// Takes from what is ours the bits for which sshd refuses it. What cannot be changed stays: sshd
// says so.
void Tighten(int fd) {
  struct stat info = {};
  if (fstat(fd, &info) != 0 || (info.st_mode & kRefusedBySshd) == 0) return;
  if (info.st_uid != geteuid() || (info.st_mode & S_ISVTX) != 0) return;
  if (fchmod(fd, info.st_mode & 07777 & ~kRefusedBySshd) != 0) return;
}

std::string TemporaryName(const OwnedPath& place) { return "." + place.name + ".homeport-new"; }

}  // namespace

absl::Status ManagedFile::Update(const Edit& edit) {
  absl::StatusOr<UniqueFd> folder = OpenSshFolder();
  if (!folder.ok()) return folder.status();
  const absl::StatusOr<UniqueFd> lock = Lock(folder->get());
  if (!lock.ok()) return lock.status();
  options_.on_step_for_test();
  for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
    absl::StatusOr<Found> found = Read(folder->get());
    if (absl::IsAborted(found.status())) continue;
    if (!found.ok()) return found.status();
    unlinkat(found->place.folder.get(), TemporaryName(found->place).c_str(), 0);
    options_.on_step_for_test();
    const std::string content = edit(found->content);
    if (found->place.exists && content == found->content) return absl::OkStatus();
    absl::StatusOr<Written> written = Replace(*found, content);
    if (!written.ok()) return written.status();
    if (*written == Written::kYes) return absl::OkStatus();
  }
  return absl::AbortedError(
      absl::StrCat(path(), " is changed by somebody else all the time; it is tried again later"));
}

absl::StatusOr<UniqueFd> ManagedFile::OpenSshFolder() const {
  const std::string path = absl::StrCat(options_.home, "/", kFolder);
  absl::StatusOr<UniqueFd> home = OpenStart(options_.home);
  if (!home.ok()) return home.status();
  if (mkdirat(home->get(), kFolder, 0700) != 0 && errno != EEXIST) {
    return Sentence(errno, "make the folder", path);
  }
  const UniqueFd plain(
      openat(home->get(), kFolder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (plain.valid()) Tighten(plain.get());
  // A name behind it makes it a folder on the way, which is looked at.
  absl::StatusOr<OwnedPath> inside =
      FollowOwnedPath(home->get(), options_.home, absl::StrCat(kFolder, "/", kLockName));
  if (!inside.ok()) return inside.status();
  return std::move(inside->folder);
}

absl::StatusOr<UniqueFd> ManagedFile::Lock(int ssh_folder) const {
  UniqueFd file(openat(ssh_folder, kLockName,
                       O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600));
  if (!file.valid()) return UniqueFd();
  const absl::Time deadline = absl::Now() + options_.lock_limit;
  while (flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return UniqueFd();
    if (absl::Now() > deadline) {
      return absl::UnavailableError(absl::StrCat("another agent keeps ", options_.home, "/",
                                                 kFolder, "/", kLockName, " locked"));
    }
    absl::SleepFor(kLockPause);  // flock has no time limit of its own
  }
  return file;
}

absl::StatusOr<ManagedFile::Found> ManagedFile::Read(int ssh_folder) const {
  Found found;
  absl::StatusOr<OwnedPath> place =
      FollowOwnedPath(ssh_folder, absl::StrCat(options_.home, "/", kFolder), options_.name);
  if (!place.ok()) return place.status();
  found.place = *std::move(place);
  const std::string& path = found.place.path;
  if (!found.place.exists) return found;
  if (!S_ISREG(found.place.info.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is no file; move it away, and the agent writes one"));
  }
  const UniqueFd file(openat(found.place.folder.get(), found.place.name.c_str(),
                             O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat info = {};
  if (!file.valid() && (errno == ENOENT || errno == ELOOP)) {
    return absl::AbortedError(absl::StrCat(path, " was replaced while it was read"));
  }
  if (!file.valid() || fstat(file.get(), &info) != 0) return Sentence(errno, "read", path);
  if (info.st_dev != found.place.info.st_dev || info.st_ino != found.place.info.st_ino) {
    return absl::AbortedError(absl::StrCat(path, " was replaced while it was read"));
  }
  found.place.info = info;
  Tighten(file.get());
  char buffer[kChunkBytes];
  for (;;) {
    const ssize_t n = read(file.get(), buffer, sizeof(buffer));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Sentence(errno, "read", path);
    if (n == 0) return found;
    found.content.append(buffer, static_cast<size_t>(n));
    if (found.content.size() > options_.limit_bytes) {
      return absl::FailedPreconditionError(
          absl::StrCat(path, " is larger than ", options_.limit_bytes >> 20, " MiB"));
    }
  }
}

absl::StatusOr<ManagedFile::Written> ManagedFile::Replace(const Found& found,
                                                          absl::string_view content) const {
  const int folder = found.place.folder.get();
  const std::string temporary = TemporaryName(found.place);
  const UniqueFd file(openat(folder, temporary.c_str(),
                             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.valid() && errno == EEXIST) return Written::kChangedMeanwhile;  // no lock, two agents
  if (!file.valid()) return Sentence(errno, "write a file beside", found.place.path);
  options_.on_step_for_test();
  absl::StatusOr<Written> written = Written::kYes;
  if (absl::Status status = WriteTemporary(found, file.get(), content); status.ok()) {
    written = Rename(found, temporary);
  } else {
    written = status;
  }
  if (!written.ok() || *written != Written::kYes) {
    unlinkat(folder, temporary.c_str(), 0);
    return written;
  }
  options_.on_step_for_test();
  if (fsync(folder) != 0 && errno != EINVAL) {  // not every file system can
    return Sentence(errno, "flush the folder of", found.place.path);
  }
  options_.on_step_for_test();
  return written;
}

absl::Status ManagedFile::WriteTemporary(const Found& found, int file,
                                         absl::string_view content) const {
  const std::string& path = found.place.path;
  while (!content.empty()) {
    const ssize_t n = write(file, content.data(), std::min(content.size(), kChunkBytes));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Sentence(errno, "write", path);
    content.remove_prefix(static_cast<size_t>(n));
    options_.on_step_for_test();
  }
  if (fchmod(file, 0600) != 0) return Sentence(errno, "set the mode of", path);
  if (found.place.exists && fchown(file, -1, found.place.info.st_gid) != 0) {
    // The group is the folder's or ours, then.
  }
  if (fsync(file) != 0) return Sentence(errno, "write", path);
  options_.on_step_for_test();
  return absl::OkStatus();
}

absl::StatusOr<ManagedFile::Written> ManagedFile::Rename(const Found& found,
                                                         const std::string& temporary) const {
  const int folder = found.place.folder.get();
  const char* const name = found.place.name.c_str();
  struct stat now = {};
  const bool exists = fstatat(folder, name, &now, AT_SYMLINK_NOFOLLOW) == 0;
  if (!exists && errno != ENOENT) return Sentence(errno, "look at", found.place.path);
  if (exists != found.place.exists || (exists && !IsSame(now, found.place.info))) {
    return Written::kChangedMeanwhile;
  }
  if (!exists) {
    if (renameat2(folder, temporary.c_str(), folder, name, RENAME_NOREPLACE) == 0) {
      return Written::kYes;
    }
    if (errno == EEXIST || errno == ENOENT) return Written::kChangedMeanwhile;
    if (errno != EINVAL && errno != ENOSYS) {
      return Sentence(errno, "replace", found.place.path);
    }
  }
  if (renameat(folder, temporary.c_str(), folder, name) == 0) return Written::kYes;
  if (errno == ENOENT) return Written::kChangedMeanwhile;  // no lock, two agents
  return Sentence(errno, "replace", found.place.path);
}

}  // namespace homeport::agent
