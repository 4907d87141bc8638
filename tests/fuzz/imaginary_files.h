// A file system in memory, small enough that a fuzzer finds its way about: a few names, files of at
// most 8 KiB that count the descriptors on them, and calls that fail now and then.
//
// Threads: one at a time.
#ifndef HOMEPORT_TESTS_FUZZ_IMAGINARY_FILES_H_
#define HOMEPORT_TESTS_FUZZ_IMAGINARY_FILES_H_

#include <map>
#include <memory>
#include <string>

#include "agent/sftp/accounts.h"
#include "agent/sftp/file_system.h"

namespace homeport::fuzz {

class ImaginaryFiles : public agent::sftp::FileSystem {
 public:
  ImaginaryFiles();
  // Aborts if a descriptor has been left open.
  ~ImaginaryFiles() override;

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
  int ChangeOwner(const Target& target, const agent::sftp::Attributes::Owner& owner) override;
  int SetTimes(const Target& target, const agent::sftp::Attributes::Times& times) override;
  int OpenFolder(const std::string& path, std::unique_ptr<Folder>& folder) override;
  int MakeFolder(const std::string& path, mode_t mode) override;
  int RemoveFolder(const std::string& path) override;
  int Remove(const std::string& path) override;
  int Rename(const std::string& from, const std::string& to) override;
  int HardLink(const std::string& from, const std::string& to) override;
  int SymbolicLink(const std::string& target, const std::string& link) override;
  int ReadLink(const std::string& path, std::string& target) override;
  int CurrentFolder(std::string& path) override;

 private:
  struct Node {
    mode_t mode = 0;
    ino_t number = 0;
    std::string content;  // of a link, where it points
  };
  class Listing;

  std::string Absolute(const std::string& path) const;
  // The node itself, also if it is a link; null if there is none.
  std::shared_ptr<Node> Find(const Target& target) const;
  int Add(const std::string& path, mode_t mode, const std::string& content);

  // By absolute path. Shared with the descriptors and the other names of a file; goes with the
  // last.
  std::map<std::string, std::shared_ptr<Node>> nodes_;
  std::map<int, std::shared_ptr<Node>> descriptors_;
  std::map<int, bool> appends_;
  int next_descriptor_ = 3;
  ino_t next_number_ = 1;
};

// Two people live here.
class ImaginaryAccounts : public agent::sftp::Accounts {
 public:
  const std::string& UserName(uid_t id) override { return id % 3 == 0 ? root_ : nobody_; }
  const std::string& GroupName(gid_t id) override { return UserName(id); }
  std::optional<std::string> HomeOf(const std::string& user) override {
    if (user == root_) return "/root";
    return std::nullopt;
  }

 private:
  const std::string root_ = "root";
  const std::string nobody_;
};

}  // namespace homeport::fuzz

#endif  // HOMEPORT_TESTS_FUZZ_IMAGINARY_FILES_H_
