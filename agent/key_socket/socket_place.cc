#include "agent/key_socket/socket_place.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/unique_fd.h"

namespace homeport::agent {
namespace {

absl::Status Taken(const std::string& path, const char* by) {
  return absl::AlreadyExistsError(absl::StrCat(path, " is ", by, "; move it away"));
}

// Whether somebody listens on the socket; OK if nobody does.
absl::Status CheckNobodyAnswers(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return absl::OkStatus();  // UnixListener says it
  memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return ErrnoStatus(errno, "cannot make a socket");
  const int rc =
      connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  if (rc == 0 || errno == EAGAIN) {
    return absl::AlreadyExistsError(
        absl::StrCat("another agent answers on ", path, "; it is left alone"));
  }
  if (errno == ECONNREFUSED || errno == ENOENT) return absl::OkStatus();
  return ErrnoStatus(errno, absl::StrCat("cannot tell who has ", path));
}

// Takes the socket's name away, unless it has become another's in the meantime.
absl::Status RemoveStale(const std::string& path, const struct stat& stale) {
  const std::string aside = absl::StrCat(path, ".", getpid(), ".old");
  if (rename(path.c_str(), aside.c_str()) != 0) {
    if (errno == ENOENT) return absl::OkStatus();
    return ErrnoStatus(errno, absl::StrCat("cannot replace ", path));
  }
  struct stat moved = {};
  const bool other = lstat(aside.c_str(), &moved) == 0 &&
                     (moved.st_dev != stale.st_dev || moved.st_ino != stale.st_ino);
  // Link does not replace what has come there since.
  if (other && link(aside.c_str(), path.c_str()) != 0 && errno != EEXIST) {
    rename(aside.c_str(), path.c_str());
  } else {
    unlink(aside.c_str());
  }
  return other ? Taken(path, "another agent's new socket") : absl::OkStatus();
}

absl::Status MakeRoom(const std::string& path) {
  struct stat there = {};
  if (lstat(path.c_str(), &there) != 0) {
    return errno == ENOENT ? absl::OkStatus()
                           : ErrnoStatus(errno, absl::StrCat("cannot look at ", path));
  }
  if (!S_ISSOCK(there.st_mode)) {
    return Taken(path, S_ISLNK(there.st_mode) ? "a symbolic link" : "not a socket");
  }
  if (there.st_uid != geteuid()) return Taken(path, "another account's");
  if (absl::Status status = CheckNobodyAnswers(path); !status.ok()) return status;
  return RemoveStale(path, there);
}

}  // namespace

absl::StatusOr<UnixListener> ListenAtPlace(const std::string& path) {
  if (absl::Status status = MakeRoom(path); !status.ok()) return status;
  return UnixListener::Create(path);
}

}  // namespace homeport::agent
