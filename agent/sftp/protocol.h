// The numbers of the SSH File Transfer Protocol, version 3 (draft-ietf-secsh-filexfer-02), and the
// sizes that we promise to clients.
#ifndef HOMEPORT_AGENT_SFTP_PROTOCOL_H_
#define HOMEPORT_AGENT_SFTP_PROTOCOL_H_

#include <cstddef>
#include <cstdint>

namespace homeport::agent::sftp {

constexpr uint32_t kProtocolVersion = 3;

// As OpenSSH's, and as limits@openssh.com says.
constexpr size_t kMaxPacketBytes = 256 << 10;  // without the four bytes of its length
constexpr size_t kMaxDataBytes = kMaxPacketBytes - 1024;

enum PacketType : uint8_t {
  kInit = 1,
  kVersion = 2,
  kOpen = 3,
  kClose = 4,
  kRead = 5,
  kWrite = 6,
  kLstat = 7,
  kFstat = 8,
  kSetstat = 9,
  kFsetstat = 10,
  kOpendir = 11,
  kReaddir = 12,
  kRemove = 13,
  kMkdir = 14,
  kRmdir = 15,
  kRealpath = 16,
  kStat = 17,
  kRename = 18,
  kReadlink = 19,
  kSymlink = 20,
  kStatusReply = 101,
  kHandleReply = 102,
  kDataReply = 103,
  kNameReply = 104,
  kAttrsReply = 105,
  kExtended = 200,
  kExtendedReply = 201,
};

enum class StatusCode : uint32_t {
  kOk = 0,
  kEof = 1,
  kNoSuchFile = 2,
  kPermissionDenied = 3,
  kFailure = 4,
  kBadMessage = 5,
  kOpUnsupported = 8,
};

enum OpenFlag : uint32_t {
  kOpenRead = 0x01,
  kOpenWrite = 0x02,
  kOpenAppend = 0x04,
  kOpenCreate = 0x08,
  kOpenTruncate = 0x10,
  kOpenExclusive = 0x20,
};

}  // namespace homeport::agent::sftp

#endif  // HOMEPORT_AGENT_SFTP_PROTOCOL_H_
