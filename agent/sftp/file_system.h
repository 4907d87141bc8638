// The system calls that the server makes on files, so that tests and the fuzzer can put something
// else in their place. What a number means is the kernel's convention: not negative is success, and
// a negative value is an errno with its sign changed.
//
// Threads: the server's only.
#ifndef HOMEPORT_AGENT_SFTP_FILE_SYSTEM_H_
#define HOMEPORT_AGENT_SFTP_FILE_SYSTEM_H_

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "agent/sftp/attributes.h"

namespace homeport::agent::sftp {

class FileSystem {
 public:
  // A file by its path or as an open descriptor.
  struct Target {
    static Target Path(const std::string& path) { return {-1, path, true}; }
    static Target Link(const std::string& path) { return {-1, path, false}; }
    static Target Descriptor(int fd) { return {fd, {}, true}; }

    int fd = -1;  // used if it is not negative
    std::string path;
    bool follow_link = true;  // whether a symbolic link stands for what it points to
  };

  // The entries of an open folder, "." and ".." among them, in the kernel's order.
  class Folder {
   public:
    virtual ~Folder() = default;
    // The next entry, with what it is itself if it is a symbolic link; 0 after the last. An entry
    // that has vanished in the meantime is passed over.
    virtual int Next(std::string& name, struct stat& file) = 0;
  };

  virtual ~FileSystem() = default;

  // `flags` and `mode` are open(2)'s; the umask applies.
  virtual int Open(const std::string& path, int flags, mode_t mode) = 0;
  virtual int Close(int fd) = 0;
  virtual ssize_t Read(int fd, char* space, size_t size, uint64_t offset) = 0;
  // May write less. A descriptor opened with O_APPEND is appended to, whatever the offset.
  virtual ssize_t Write(int fd, absl::string_view data, uint64_t offset) = 0;
  // copy_file_range(2).
  virtual ssize_t Copy(int from, uint64_t from_offset, int to, uint64_t to_offset, size_t size) = 0;
  virtual int Sync(int fd) = 0;

  virtual int Stat(const Target& target, struct stat& file) = 0;
  virtual int Statvfs(const Target& target, struct statvfs& volume) = 0;
  virtual int Truncate(const Target& target, uint64_t size) = 0;
  virtual int ChangeMode(const Target& target, mode_t mode) = 0;
  virtual int ChangeOwner(const Target& target, const Attributes::Owner& owner) = 0;
  virtual int SetTimes(const Target& target, const Attributes::Times& times) = 0;

  virtual int OpenFolder(const std::string& path, std::unique_ptr<Folder>& folder) = 0;
  virtual int MakeFolder(const std::string& path, mode_t mode) = 0;
  virtual int RemoveFolder(const std::string& path) = 0;
  virtual int Remove(const std::string& path) = 0;
  virtual int Rename(const std::string& from, const std::string& to) = 0;
  virtual int HardLink(const std::string& from, const std::string& to) = 0;
  virtual int SymbolicLink(const std::string& target, const std::string& link) = 0;
  virtual int ReadLink(const std::string& path, std::string& target) = 0;
  virtual int CurrentFolder(std::string& path) = 0;
};

}  // namespace homeport::agent::sftp

#endif  // HOMEPORT_AGENT_SFTP_FILE_SYSTEM_H_
