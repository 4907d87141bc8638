// The files of this machine, with the rights of this process.
//
// Threads: any.
#ifndef HOMEPORT_AGENT_SFTP_POSIX_FILE_SYSTEM_H_
#define HOMEPORT_AGENT_SFTP_POSIX_FILE_SYSTEM_H_

#include <memory>
#include <string>

#include "agent/sftp/file_system.h"

namespace homeport::agent::sftp {

class PosixFileSystem : public FileSystem {
 public:
  int Open(const std::string& path, int flags, mode_t mode) override;
  int Close(int fd) override;
  ssize_t Read(int fd, char* space, size_t size, uint64_t offset) override;
  ssize_t Write(int fd, absl::string_view data, uint64_t offset) override;
  ssize_t Copy(int from, uint64_t from_offset, int to, uint64_t to_offset, size_t size) override;
  int Sync(int fd) override;

  int Stat(const Target& target, struct stat& file) override;
  int Statvfs(const Target& target, struct statvfs& volume) override;
  int Truncate(const Target& target, uint64_t size) override;
  int ChangeMode(const Target& target, mode_t mode) override;
  int ChangeOwner(const Target& target, const Attributes::Owner& owner) override;
  int SetTimes(const Target& target, const Attributes::Times& times) override;

  int OpenFolder(const std::string& path, std::unique_ptr<Folder>& folder) override;
  int MakeFolder(const std::string& path, mode_t mode) override;
  int RemoveFolder(const std::string& path) override;
  int Remove(const std::string& path) override;
  int Rename(const std::string& from, const std::string& to) override;
  int HardLink(const std::string& from, const std::string& to) override;
  int SymbolicLink(const std::string& target, const std::string& link) override;
  int ReadLink(const std::string& path, std::string& target) override;
  int CurrentFolder(std::string& path) override;
};

}  // namespace homeport::agent::sftp

#endif  // HOMEPORT_AGENT_SFTP_POSIX_FILE_SYSTEM_H_
