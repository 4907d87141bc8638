#include "agent/sftp/posix_file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>

namespace homeport::agent::sftp {
namespace {

// A C library's answer as the kernel's.
template <typename T>
T Result(T result) {
  return result < 0 ? static_cast<T>(-errno) : result;
}

int FollowFlag(const FileSystem::Target& target) {
  return target.follow_link ? 0 : AT_SYMLINK_NOFOLLOW;
}

class PosixFolder : public FileSystem::Folder {
 public:
  explicit PosixFolder(DIR* stream) : stream_(stream) {}
  ~PosixFolder() override { closedir(stream_); }
  PosixFolder(const PosixFolder&) = delete;
  PosixFolder& operator=(const PosixFolder&) = delete;

  int Next(std::string& name, struct stat& file) override {
    for (;;) {
      errno = 0;
      const dirent* entry = readdir(stream_);
      if (entry == nullptr) return -errno;
      if (fstatat(dirfd(stream_), entry->d_name, &file, AT_SYMLINK_NOFOLLOW) != 0) continue;
      name = entry->d_name;
      return 1;
    }
  }

 private:
  DIR* const stream_;
};

}  // namespace

int PosixFileSystem::Open(const std::string& path, int flags, mode_t mode) {
  // Whoever waits for the other end of a FIFO does not see that the client has gone.
  const int all_flags = flags | O_CLOEXEC | O_NOCTTY;
  const int fd = open(path.c_str(), all_flags | O_NONBLOCK, mode);
  // Somebody has to give up a lease first (fcntl(2)), which the kernel bounds.
  if (fd < 0 && errno == EWOULDBLOCK) return Result(open(path.c_str(), all_flags, mode));
  return Result(fd);
}

int PosixFileSystem::Close(int fd) { return Result(close(fd)); }

ssize_t PosixFileSystem::Read(int fd, char* space, size_t size, uint64_t offset) {
  return Result(pread(fd, space, size, static_cast<off_t>(offset)));
}

ssize_t PosixFileSystem::Write(int fd, absl::string_view data, uint64_t offset) {
  return Result(pwrite(fd, data.data(), data.size(), static_cast<off_t>(offset)));
}

ssize_t PosixFileSystem::Copy(int from, uint64_t from_offset, int to, uint64_t to_offset,
                              size_t size) {
  auto source = static_cast<off64_t>(from_offset);
  auto destination = static_cast<off64_t>(to_offset);
  return Result(copy_file_range(from, &source, to, &destination, size, 0));
}

int PosixFileSystem::Sync(int fd) { return Result(fsync(fd)); }

int PosixFileSystem::Stat(const Target& target, struct stat& file) {
  if (target.fd >= 0) return Result(fstat(target.fd, &file));
  return Result(fstatat(AT_FDCWD, target.path.c_str(), &file, FollowFlag(target)));
}

int PosixFileSystem::Statvfs(const Target& target, struct statvfs& volume) {
  return Result(target.fd >= 0 ? fstatvfs(target.fd, &volume)
                               : statvfs(target.path.c_str(), &volume));
}

int PosixFileSystem::Truncate(const Target& target, uint64_t size) {
  const auto length = static_cast<off_t>(size);
  return Result(target.fd >= 0 ? ftruncate(target.fd, length)
                               : truncate(target.path.c_str(), length));
}

int PosixFileSystem::ChangeMode(const Target& target, mode_t mode) {
  return Result(target.fd >= 0 ? fchmod(target.fd, mode)
                               : fchmodat(AT_FDCWD, target.path.c_str(), mode, FollowFlag(target)));
}

int PosixFileSystem::ChangeOwner(const Target& target, const Attributes::Owner& owner) {
  return Result(target.fd >= 0 ? fchown(target.fd, owner.user_id, owner.group_id)
                               : fchownat(AT_FDCWD, target.path.c_str(), owner.user_id,
                                          owner.group_id, FollowFlag(target)));
}

int PosixFileSystem::SetTimes(const Target& target, const Attributes::Times& times) {
  const timespec both[2] = {{times.access, 0}, {times.modification, 0}};
  return Result(target.fd >= 0
                    ? futimens(target.fd, both)
                    : utimensat(AT_FDCWD, target.path.c_str(), both, FollowFlag(target)));
}

int PosixFileSystem::OpenFolder(const std::string& path, std::unique_ptr<Folder>& folder) {
  DIR* stream = opendir(path.c_str());
  if (stream == nullptr) return -errno;
  folder = std::make_unique<PosixFolder>(stream);
  return 0;
}

int PosixFileSystem::MakeFolder(const std::string& path, mode_t mode) {
  return Result(mkdir(path.c_str(), mode));
}

int PosixFileSystem::RemoveFolder(const std::string& path) { return Result(rmdir(path.c_str())); }

int PosixFileSystem::Remove(const std::string& path) { return Result(unlink(path.c_str())); }

int PosixFileSystem::Rename(const std::string& from, const std::string& to) {
  return Result(rename(from.c_str(), to.c_str()));
}

int PosixFileSystem::HardLink(const std::string& from, const std::string& to) {
  return Result(link(from.c_str(), to.c_str()));
}

int PosixFileSystem::SymbolicLink(const std::string& target, const std::string& link) {
  return Result(symlink(target.c_str(), link.c_str()));
}

int PosixFileSystem::ReadLink(const std::string& path, std::string& target) {
  char space[PATH_MAX];
  const ssize_t size = readlink(path.c_str(), space, sizeof(space));
  if (size < 0) return -errno;
  target.assign(space, static_cast<size_t>(size));
  return 0;
}

int PosixFileSystem::CurrentFolder(std::string& path) {
  char space[PATH_MAX];
  if (getcwd(space, sizeof(space)) == nullptr) return -errno;
  path = space;
  return 0;
}

}  // namespace homeport::agent::sftp
