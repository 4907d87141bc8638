#include "cli/secret_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace homeport {
namespace {

absl::Status Failure(int error, absl::string_view what, const std::string& path) {
  return absl::FailedPreconditionError(absl::StrCat("cannot ", what, " ", path, ": ",
                                                    std::string(strerror(error))));  // NOLINT
}

absl::Status ExistsAlready(const std::string& path) {
  return absl::FailedPreconditionError(
      absl::StrCat(path, " is there already; it stays as it is unless --force is given"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<SecretFile>> SecretFile::Reserve(const std::string& path,
                                                                bool replace) {
  if (!replace && access(path.c_str(), F_OK) == 0) return ExistsAlready(path);
  std::string temporary = path + ".XXXXXX";
  const int fd = mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0) return Failure(errno, "create", path);
  return std::unique_ptr<SecretFile>(new SecretFile(path, replace, std::move(temporary), fd));
}

SecretFile::SecretFile(std::string path, bool replace, std::string temporary, int fd)
    : path_(std::move(path)), replace_(replace), temporary_(std::move(temporary)), fd_(fd) {}

SecretFile::~SecretFile() {
  // After a successful Write the temporary name is gone, and this finds nothing.
  unlink(temporary_.c_str());
}

absl::Status SecretFile::Write(absl::string_view secret) {
  if (absl::Status status = Append(secret); !status.ok()) return status;
  if (!absl::EndsWith(secret, "\n")) {
    if (absl::Status status = Append("\n"); !status.ok()) return status;
  }
  return Finish();
}

absl::Status SecretFile::Append(absl::string_view piece) {
  while (!piece.empty()) {
    const ssize_t n = write(fd_.get(), piece.data(), piece.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Failure(errno, "write", path_);
    piece.remove_prefix(static_cast<size_t>(n));
  }
  return absl::OkStatus();
}

absl::Status SecretFile::Finish() {
  if (fsync(fd_.get()) != 0) return Failure(errno, "write", path_);
  return MoveIntoPlace();
}

absl::Status SecretFile::MoveIntoPlace() {
  int result =
      replace_ ? rename(temporary_.c_str(), path_.c_str())
               : renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE);
  if (result != 0 && errno == EINVAL && !replace_) {
    // A file system that cannot promise it: look once more and take the chance.
    if (access(path_.c_str(), F_OK) == 0) return ExistsAlready(path_);
    result = rename(temporary_.c_str(), path_.c_str());
  }
  if (result == 0) return absl::OkStatus();
  return errno == EEXIST ? ExistsAlready(path_) : Failure(errno, "create", path_);
}

}  // namespace homeport
