// What a client has open: files and folders, each under a handle string that only this table can
// read. A handle that has been closed stays invalid even when its place is used again.
//
// Threads: one at a time.
#ifndef HOMEPORT_AGENT_SFTP_HANDLE_TABLE_H_
#define HOMEPORT_AGENT_SFTP_HANDLE_TABLE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "agent/sftp/file_system.h"

namespace homeport::agent::sftp {

class HandleTable {
 public:
  // At most `limit` at a time. Closes what is left when it goes.
  HandleTable(FileSystem& files, size_t limit) : files_(files), limit_(limit) {}
  ~HandleTable();
  HandleTable(const HandleTable&) = delete;
  HandleTable& operator=(const HandleTable&) = delete;

  size_t limit() const { return limit_; }
  bool full() const { return used_ >= limit_; }

  // The handle of what was opened; the table owns it. Call only while it is not full.
  std::string AddFile(int fd, bool append);
  std::string AddFolder(std::unique_ptr<FileSystem::Folder> folder);

  struct File {
    int fd = -1;
    bool append = false;  // writes go to the end whatever their offset
  };
  // What a handle stands for; nothing if it is not one of ours or of the other kind.
  std::optional<File> FindFile(absl::string_view handle) const;
  FileSystem::Folder* FindFolder(absl::string_view handle) const;

  // Closes it. -ENOENT if it is not one of ours, or what close says.
  int Close(absl::string_view handle);

 private:
  struct Entry {
    uint32_t generation = 0;
    File file;
    std::unique_ptr<FileSystem::Folder> folder;
    bool used() const { return file.fd >= 0 || folder != nullptr; }
  };

  uint32_t FreePlace();
  std::string HandleOf(uint32_t place) const;
  std::optional<uint32_t> PlaceOf(absl::string_view handle) const;

  FileSystem& files_;
  const size_t limit_;
  size_t used_ = 0;
  std::vector<Entry> entries_;
  std::vector<uint32_t> free_places_;
};

}  // namespace homeport::agent::sftp

#endif  // HOMEPORT_AGENT_SFTP_HANDLE_TABLE_H_
