#include "agent/sftp/sftp_server.h"

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "agent/sftp/packet_framing.h"

namespace homeport::agent::sftp {
namespace {

// Requests that a read-only server refuses; OPEN and EXTENDED look for themselves.
bool Changes(uint8_t type) {
  switch (type) {
    case kWrite:
    case kSetstat:
    case kFsetstat:
    case kRemove:
    case kMkdir:
    case kRmdir:
    case kRename:
    case kSymlink:
      return true;
    default:
      return false;
  }
}

}  // namespace

SftpServer::SftpServer(FileSystem& files, Accounts& accounts, const Options& options,
                       ByteBuffer& output)
    : replies_(output),
      handles_(files, options.most_handles),
      services_{files, accounts, handles_, replies_, options.read_only},
      file_requests_(services_),
      folder_requests_(services_),
      path_requests_(services_),
      extensions_(services_, file_requests_, path_requests_) {}

absl::Status SftpServer::Serve(ByteBuffer& input) {
  while (replies_.HasRoom()) {
    const absl::StatusOr<absl::string_view> packet = FirstPacket(input.bytes());
    if (!packet.ok()) return packet.status();
    if (packet->empty()) break;
    if (absl::Status status = OnPacket(*packet); !status.ok()) return status;
    input.Consume(kLengthBytes + packet->size());
  }
  return absl::OkStatus();
}

absl::Status SftpServer::OnPacket(absl::string_view packet) {
  const auto type = static_cast<uint8_t>(packet[0]);
  // INIT has its version where requests have their number.
  Request request(packet.substr(1));
  if (!request.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("a packet of type ", type, " ends before its number"));
  }
  if (type == kInit) {
    initialized_ = true;
    replies_.Version(extensions_.Announcement());
    return absl::OkStatus();
  }
  if (!initialized_) {
    return absl::FailedPreconditionError(
        absl::StrCat("a packet of type ", type, " came before INIT"));
  }
  const Outcome outcome = services_.read_only && Changes(type) ? StatusCode::kPermissionDenied
                                                               : OnRequest(type, request);
  if (outcome.has_value()) replies_.Status(request.id(), *outcome);
  return absl::OkStatus();
}

Outcome SftpServer::OnRequest(uint8_t type, Request& request) {
  switch (type) {
    case kOpen:
      return file_requests_.Open(request);
    case kClose:
      return file_requests_.Close(request);
    case kRead:
      return file_requests_.Read(request);
    case kWrite:
      return file_requests_.Write(request);
    case kLstat:
      return path_requests_.Lstat(request);
    case kFstat:
      return file_requests_.Fstat(request);
    case kSetstat:
      return path_requests_.Setstat(request);
    case kFsetstat:
      return file_requests_.Fsetstat(request);
    case kOpendir:
      return folder_requests_.Opendir(request);
    case kReaddir:
      return folder_requests_.Readdir(request);
    case kRemove:
      return path_requests_.Remove(request);
    case kMkdir:
      return path_requests_.Mkdir(request);
    case kRmdir:
      return path_requests_.Rmdir(request);
    case kRealpath:
      return path_requests_.Realpath(request);
    case kStat:
      return path_requests_.Stat(request);
    case kRename:
      return path_requests_.Rename(request);
    case kReadlink:
      return path_requests_.Readlink(request);
    case kSymlink:
      return path_requests_.Symlink(request);
    case kExtended:
      return extensions_.Serve(request);
    default:
      return StatusCode::kOpUnsupported;
  }
}

}  // namespace homeport::agent::sftp
