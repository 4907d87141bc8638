#include "agent/sftp/file_requests.h"

#include <fcntl.h>

#include <algorithm>

#include "agent/sftp/attribute_changes.h"
#include "agent/sftp/status_code.h"

namespace homeport::agent::sftp {
namespace {

constexpr mode_t kDefaultMode = 0666;

int SystemFlags(uint32_t flags) {
  int result = O_RDONLY;
  if ((flags & kOpenWrite) != 0) result = (flags & kOpenRead) != 0 ? O_RDWR : O_WRONLY;
  if ((flags & kOpenAppend) != 0) result |= O_APPEND;
  if ((flags & kOpenCreate) != 0) result |= O_CREAT;
  if ((flags & kOpenTruncate) != 0) result |= O_TRUNC;
  if ((flags & kOpenExclusive) != 0) result |= O_EXCL;
  return result;
}

bool Changes(int flags) {
  return (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC)) != 0;
}

}  // namespace

Outcome FileRequests::Open(Request& request) {
  const std::string path = request.Path();
  const int flags = SystemFlags(request.Uint32());
  const Attributes attributes = request.Attributes();
  if (!request.ok()) return StatusCode::kBadMessage;
  if (services_.read_only && Changes(flags)) return StatusCode::kPermissionDenied;
  if (services_.handles.full()) return StatusCode::kFailure;
  const int fd = services_.files.Open(path, flags, attributes.mode.value_or(kDefaultMode));
  if (fd < 0) return CodeOf(fd);
  services_.replies.Handle(request.id(), services_.handles.AddFile(fd, (flags & O_APPEND) != 0));
  return kAnswered;
}

Outcome FileRequests::Close(Request& request) {
  const absl::string_view handle = request.String();
  if (!request.ok()) return StatusCode::kBadMessage;
  return CodeOf(services_.handles.Close(handle));
}

Outcome FileRequests::Read(Request& request) {
  const auto file = services_.handles.FindFile(request.String());
  const uint64_t offset = request.Uint64();
  const size_t size = std::min<size_t>(request.Uint32(), kMaxDataBytes);
  if (!request.ok()) return StatusCode::kBadMessage;
  if (!file.has_value()) return StatusCode::kFailure;
  const ssize_t got =
      services_.files.Read(file->fd, services_.replies.SpaceForData(size), size, offset);
  if (got < 0) return CodeOf(got);
  if (got == 0 && size > 0) return StatusCode::kEof;
  services_.replies.SendData(request.id(), static_cast<size_t>(got));
  return kAnswered;
}

Outcome FileRequests::Write(Request& request) {
  const auto file = services_.handles.FindFile(request.String());
  uint64_t offset = request.Uint64();
  absl::string_view data = request.String();
  if (!request.ok()) return StatusCode::kBadMessage;
  if (!file.has_value()) return StatusCode::kFailure;
  if (file->append) offset = 0;  // any will do
  do {
    const ssize_t written = services_.files.Write(file->fd, data, offset);
    if (written < 0) return CodeOf(written);
    if (written == 0 && !data.empty()) return StatusCode::kFailure;
    data.remove_prefix(static_cast<size_t>(written));
    if (!file->append) offset += static_cast<uint64_t>(written);
  } while (!data.empty());
  return StatusCode::kOk;
}

Outcome FileRequests::Fstat(Request& request) {
  const auto file = services_.handles.FindFile(request.String());
  if (!request.ok()) return StatusCode::kBadMessage;
  if (!file.has_value()) return StatusCode::kFailure;
  struct stat found = {};
  const int result = services_.files.Stat(FileSystem::Target::Descriptor(file->fd), found);
  if (result < 0) return CodeOf(result);
  services_.replies.Attrs(request.id(), AttributesOf(found));
  return kAnswered;
}

Outcome FileRequests::Fsetstat(Request& request) {
  const auto file = services_.handles.FindFile(request.String());
  const Attributes attributes = request.Attributes();
  if (!request.ok()) return StatusCode::kBadMessage;
  if (!file.has_value()) return StatusCode::kFailure;
  return ApplyAttributes(services_.files, FileSystem::Target::Descriptor(file->fd), attributes);
}

Outcome FileRequests::Fsync(Request& request) {
  const auto file = services_.handles.FindFile(request.String());
  if (!request.ok()) return StatusCode::kBadMessage;
  if (!file.has_value()) return StatusCode::kNoSuchFile;
  return CodeOf(services_.files.Sync(file->fd));
}

}  // namespace homeport::agent::sftp
