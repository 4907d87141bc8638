#include "agent/sftp/folder_requests.h"

#include <ctime>
#include <memory>
#include <string>
#include <utility>

#include "agent/sftp/long_name.h"
#include "agent/sftp/status_code.h"

namespace homeport::agent::sftp {
namespace {

// Where a reply ends early, should names be very long.
constexpr size_t kEnoughBytes = kMaxPacketBytes / 2;

}  // namespace

Outcome FolderRequests::Opendir(Request& request) {
  const std::string path = request.Path();
  if (!request.ok()) return StatusCode::kBadMessage;
  if (services_.handles.full()) return StatusCode::kFailure;
  std::unique_ptr<FileSystem::Folder> folder;
  const int result = services_.files.OpenFolder(path, folder);
  if (result < 0) return CodeOf(result);
  services_.replies.Handle(request.id(), services_.handles.AddFolder(std::move(folder)));
  return kAnswered;
}

Outcome FolderRequests::Readdir(Request& request) {
  FileSystem::Folder* folder = services_.handles.FindFolder(request.String());
  if (!request.ok()) return StatusCode::kBadMessage;
  if (folder == nullptr) return StatusCode::kFailure;
  const time_t now = time(nullptr);
  WireWriter entries;
  uint32_t count = 0;
  std::string name;
  struct stat file = {};
  while (count < kMostEntries && entries.bytes().size() < kEnoughBytes &&
         folder->Next(name, file) > 0) {
    entries.String(name).String(LongName(name, file, services_.accounts.UserName(file.st_uid),
                                         services_.accounts.GroupName(file.st_gid), now));
    WriteAttributes(AttributesOf(file), entries);
    ++count;
  }
  if (count == 0) return StatusCode::kEof;
  services_.replies.Packet(kNameReply, request.id(),
                           WireWriter().Uint32(count).Raw(entries.bytes()).bytes());
  return kAnswered;
}

}  // namespace homeport::agent::sftp
