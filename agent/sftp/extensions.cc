#include "agent/sftp/extensions.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "agent/sftp/data_copy.h"
#include "agent/sftp/status_code.h"

namespace homeport::agent::sftp {
namespace {

// Flags of statvfs@openssh.com.
constexpr uint64_t kReadOnlyVolume = 1;
constexpr uint64_t kNoSetuidVolume = 2;

}  // namespace

struct Extensions::Extension {
  absl::string_view name;
  absl::string_view version;
  bool changes;  // refused by a read-only server
  Outcome (Extensions::*serve)(Request&);
};

const Extensions::Extension Extensions::kAll[] = {
    {"posix-rename@openssh.com", "1", true, &Extensions::PosixRename},
    {"statvfs@openssh.com", "2", false, &Extensions::Statvfs},
    {"fstatvfs@openssh.com", "2", false, &Extensions::Fstatvfs},
    {"hardlink@openssh.com", "1", true, &Extensions::HardLink},
    {"fsync@openssh.com", "1", true, &Extensions::Fsync},
    {"lsetstat@openssh.com", "1", true, &Extensions::Lsetstat},
    {"limits@openssh.com", "1", false, &Extensions::Limits},
    {"expand-path@openssh.com", "1", false, &Extensions::ExpandPath},
    {"copy-data", "1", true, &Extensions::CopyData},
    {"home-directory", "1", false, &Extensions::HomeDirectory},
    {"users-groups-by-id@openssh.com", "1", false, &Extensions::UsersGroupsById},
};

std::string Extensions::Announcement() const {
  WireWriter writer;
  for (const Extension& extension : kAll) {
    if (services_.read_only && extension.changes) continue;
    writer.String(extension.name).String(extension.version);
  }
  return std::move(writer).bytes();
}

Outcome Extensions::Serve(Request& request) {
  const absl::string_view name = request.String();
  if (!request.ok()) return StatusCode::kBadMessage;
  const auto found = std::find_if(std::begin(kAll), std::end(kAll),
                                  [name](const Extension& known) { return known.name == name; });
  if (found == std::end(kAll)) return StatusCode::kOpUnsupported;
  if (services_.read_only && found->changes) return StatusCode::kPermissionDenied;
  return (this->*found->serve)(request);
}

Outcome Extensions::Statvfs(Request& request) {
  const std::string path = request.Path();
  if (!request.ok()) return StatusCode::kBadMessage;
  return SendVolume(request, FileSystem::Target::Path(path));
}

Outcome Extensions::Fstatvfs(Request& request) {
  const auto file = services_.handles.FindFile(request.String());
  if (!request.ok()) return StatusCode::kBadMessage;
  if (!file.has_value()) return StatusCode::kFailure;
  return SendVolume(request, FileSystem::Target::Descriptor(file->fd));
}

Outcome Extensions::SendVolume(Request& request, const FileSystem::Target& target) {
  struct statvfs volume = {};
  const int result = services_.files.Statvfs(target, volume);
  if (result < 0) return CodeOf(result);
  uint64_t flags = 0;
  if ((volume.f_flag & ST_RDONLY) != 0) flags |= kReadOnlyVolume;
  if ((volume.f_flag & ST_NOSUID) != 0) flags |= kNoSetuidVolume;
  WireWriter fields;
  fields.Uint64(volume.f_bsize).Uint64(volume.f_frsize);
  fields.Uint64(volume.f_blocks).Uint64(volume.f_bfree).Uint64(volume.f_bavail);
  fields.Uint64(volume.f_files).Uint64(volume.f_ffree).Uint64(volume.f_favail);
  fields.Uint64(volume.f_fsid).Uint64(flags).Uint64(volume.f_namemax);
  services_.replies.Packet(kExtendedReply, request.id(), fields.bytes());
  return kAnswered;
}

Outcome Extensions::Limits(Request& request) {
  WireWriter fields;
  fields.Uint64(kMaxPacketBytes).Uint64(kMaxDataBytes).Uint64(kMaxDataBytes);
  fields.Uint64(services_.handles.limit());
  services_.replies.Packet(kExtendedReply, request.id(), fields.bytes());
  return kAnswered;
}

Outcome Extensions::CopyData(Request& request) {
  const absl::string_view from_handle = request.String();
  DataCopy copy;
  copy.from_offset = request.Uint64();
  copy.size_bytes = request.Uint64();
  const absl::string_view to_handle = request.String();
  copy.to_offset = request.Uint64();
  if (!request.ok()) return StatusCode::kBadMessage;
  const auto from = services_.handles.FindFile(from_handle);
  const auto to = services_.handles.FindFile(to_handle);
  if (!from.has_value() || !to.has_value() || from_handle == to_handle) {
    return StatusCode::kFailure;
  }
  copy.from = *from;
  copy.to = *to;
  return sftp::CopyData(services_.files, copy);
}

Outcome Extensions::HomeDirectory(Request& request) {
  const std::string user = request.Path();
  if (!request.ok()) return StatusCode::kBadMessage;
  const auto home = services_.accounts.HomeOf(user);
  if (!home.has_value()) return StatusCode::kFailure;
  services_.replies.Name(request.id(), *home);
  return kAnswered;
}

Outcome Extensions::UsersGroupsById(Request& request) {
  WireReader users(request.String());
  WireReader groups(request.String());
  if (!request.ok() || users.rest().size() % 4 != 0 || groups.rest().size() % 4 != 0) {
    return StatusCode::kBadMessage;
  }
  WireWriter user_names;
  WireWriter group_names;
  // Names are longer than numbers; a list of all the numbers there are is no reason to hold more
  // than can be sent.
  const auto fits = [&] {
    return user_names.bytes().size() + group_names.bytes().size() < kMaxPacketBytes;
  };
  while (!users.AtEnd() && fits()) user_names.String(services_.accounts.UserName(users.Uint32()));
  while (!groups.AtEnd() && fits()) {
    group_names.String(services_.accounts.GroupName(groups.Uint32()));
  }
  if (!fits()) return StatusCode::kFailure;
  services_.replies.Packet(
      kExtendedReply, request.id(),
      WireWriter().String(user_names.bytes()).String(group_names.bytes()).bytes());
  return kAnswered;
}

}  // namespace homeport::agent::sftp
