#include "agent/files/owned_path.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <deque>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/file.h"

namespace homeport::agent {
namespace {

constexpr int kMostLinks = 40;  // as the kernel
constexpr size_t kMostNames = 1000;

absl::Status CheckOwner(const struct stat& info, const std::string& path) {
  if (info.st_uid == geteuid() || info.st_uid == 0) return absl::OkStatus();
  return absl::PermissionDeniedError(
      absl::StrCat(path, " belongs to another user (uid ", info.st_uid, "); it is left alone"));
}

absl::Status CheckFolder(const struct stat& info, const std::string& path) {
  if (absl::Status status = CheckOwner(info, path); !status.ok()) return status;
  if ((info.st_mode & S_IWOTH) != 0 && (info.st_mode & S_ISVTX) == 0) {
    return absl::PermissionDeniedError(
        absl::StrCat("everybody may write in ", path, "; chmod o-w ", path, " makes it safe"));
  }
  return absl::OkStatus();
}

// A walk from folder to folder.
class Walk {
 public:
  Walk(UniqueFd start, std::string shown) : folder_(std::move(start)), shown_(std::move(shown)) {}

  absl::StatusOr<OwnedPath> Follow(absl::string_view path) {
    Prepend(path);
    while (!names_.empty()) {
      const std::string name = std::move(names_.front());
      names_.pop_front();
      const std::string here = absl::StrCat(shown_ == "/" ? "" : shown_, "/", name);
      UniqueFd found(openat(folder_.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
      struct stat info = {};
      if (found.valid() && fstat(found.get(), &info) != 0) found.Reset();
      if (!found.valid() && errno == ENOENT && names_.empty()) return Arrived(name, here, nullptr);
      if (!found.valid() && errno == ENOENT) {
        return absl::NotFoundError(absl::StrCat(here, " does not exist"));
      }
      if (!found.valid()) return ErrnoStatus(errno, absl::StrCat("cannot open ", here));
      if (S_ISLNK(info.st_mode)) {
        if (absl::Status status = FollowLink(found.get(), info, here); !status.ok()) return status;
        continue;
      }
      if (names_.empty()) return Arrived(name, here, &info);
      if (!S_ISDIR(info.st_mode)) {
        return absl::FailedPreconditionError(absl::StrCat(here, " is not a folder"));
      }
      if (absl::Status status = CheckFolder(info, here); !status.ok()) return status;
      folder_ = std::move(found);
      shown_ = here;
    }
    return absl::FailedPreconditionError(absl::StrCat(shown_, " is a folder"));
  }

 private:
  void Prepend(absl::string_view path) {
    std::deque<std::string> names;
    for (const absl::string_view name : absl::StrSplit(path, '/')) {
      if (!name.empty() && name != ".") names.emplace_back(name);
    }
    names_.insert(names_.begin(), names.begin(), names.end());
  }

  absl::Status FollowLink(int link, const struct stat& info, const std::string& here) {
    if (absl::Status status = CheckOwner(info, here); !status.ok()) return status;
    char target[PATH_MAX];
    const ssize_t size = readlinkat(link, "", target, sizeof(target));
    if (size <= 0) return ErrnoStatus(errno, absl::StrCat("cannot read the link ", here));
    if (++links_ > kMostLinks || names_.size() > kMostNames) {
      return absl::FailedPreconditionError(
          absl::StrCat("symbolic links lead in a circle at ", here));
    }
    if (target[0] == '/') {
      folder_.Reset(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
      shown_ = "/";
      if (!folder_.valid()) return ErrnoStatus(errno, "cannot open /");
    }
    Prepend({target, static_cast<size_t>(size)});
    return absl::OkStatus();
  }

  absl::StatusOr<OwnedPath> Arrived(const std::string& name, const std::string& here,
                                    const struct stat* info) {
    OwnedPath arrived;
    arrived.folder.Reset(openat(folder_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!arrived.folder.valid()) return ErrnoStatus(errno, absl::StrCat("cannot open ", shown_));
    arrived.name = name;
    arrived.path = here;
    if (info == nullptr) return arrived;
    arrived.exists = true;
    arrived.info = *info;
    if (absl::Status status = CheckOwner(*info, here); !status.ok()) return status;
    return arrived;
  }

  UniqueFd folder_;
  std::string shown_;
  std::deque<std::string> names_;  // still to be followed
  int links_ = 0;
};

}  // namespace

absl::StatusOr<OwnedPath> FollowOwnedPath(int start, absl::string_view shown,
                                          absl::string_view path) {
  UniqueFd folder(openat(start, ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid()) return ErrnoStatus(errno, absl::StrCat("cannot open ", shown));
  return Walk(std::move(folder), std::string(shown)).Follow(path);
}

absl::StatusOr<UniqueFd> OpenStart(const std::string& path) {
  UniqueFd folder(open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (folder.valid()) return folder;
  if (errno == ENOENT) {
    return absl::NotFoundError(absl::StrCat("the home ", path, " does not exist"));
  }
  return ErrnoStatus(errno, absl::StrCat("cannot open the home ", path));
}

}  // namespace homeport::agent
