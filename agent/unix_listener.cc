#include "agent/unix_listener.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/file.h"

namespace homeport::agent {
namespace {

constexpr int kBacklog = 128;  // sshd's

}  // namespace

absl::StatusOr<UnixListener> UnixListener::Create(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError("a socket's path is empty or holds a NUL");
  }
  if (path.size() >= sizeof(address.sun_path)) {
    return absl::InvalidArgumentError(absl::StrCat("a socket's path has ", path.size(),
                                                   " bytes; the system takes at most ",
                                                   sizeof(address.sun_path) - 1));
  }
  memcpy(address.sun_path, path.c_str(), path.size() + 1);
  UnixListener made;
  made.path_ = path;
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  // Linux gives the name the socket's own mode: no moment in which others could connect, and no
  // umask, which all threads share.
  if (!socket.valid() || fchmod(socket.get(), 0600) != 0 ||
      bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return ErrnoStatus(errno, absl::StrCat("cannot make the socket ", path));
  }
  struct stat made_of = {};
  if (lstat(path.c_str(), &made_of) != 0 || listen(socket.get(), kBacklog) != 0) {
    const int error = errno;
    unlink(path.c_str());
    return ErrnoStatus(error, absl::StrCat("cannot listen on the socket ", path));
  }
  made.device_ = made_of.st_dev;
  made.inode_ = made_of.st_ino;
  made.socket_ = std::move(socket);
  return made;
}

UnixListener::~UnixListener() {
  if (socket_.valid() && has_name()) unlink(path_.c_str());
}

bool UnixListener::has_name() const {
  struct stat now = {};
  return lstat(path_.c_str(), &now) == 0 && now.st_dev == device_ && now.st_ino == inode_;
}

}  // namespace homeport::agent
