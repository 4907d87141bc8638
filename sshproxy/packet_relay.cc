#include "sshproxy/packet_relay.h"

#include "base/ssh_wire.h"
#include "ssh/message_numbers.h"

namespace homeport {
namespace {

// OpenSSH PROTOCOL, 2.5: a server's own host keys. The user's client would compare them with the
// front door's.
constexpr absl::string_view kHostKeys = "hostkeys-00@openssh.com";

uint8_t Number(absl::string_view payload) { return static_cast<uint8_t>(payload.front()); }

bool IsConnectionProtocol(absl::string_view payload) {
  return !payload.empty() && Number(payload) >= ssh::kGlobalRequest &&
         Number(payload) <= ssh::kChannelFailure;
}

bool IsHostKeyAnnouncement(absl::string_view payload) {
  if (Number(payload) != ssh::kGlobalRequest) return false;
  WireReader reader(payload.substr(1));
  return reader.String() == kHostKeys && reader.ok();
}

int64_t DataBytes(absl::string_view payload) {
  const uint8_t number = Number(payload);
  // Number, recipient and length, and the type of extended data.
  if (number == ssh::kChannelData) return static_cast<int64_t>(payload.size()) - 9;
  if (number == ssh::kChannelExtendedData) return static_cast<int64_t>(payload.size()) - 13;
  return 0;
}

}  // namespace

bool PacketRelay::FromUser(absl::string_view payload) {
  if (!IsConnectionProtocol(payload)) return false;
  bytes_to_workspace_ += DataBytes(payload);
  workspace_.Send(payload);
  if (workspace_.above_high_watermark()) user_.PauseReading();
  return true;
}

bool PacketRelay::FromWorkspace(absl::string_view payload) {
  if (!IsConnectionProtocol(payload)) return false;
  if (IsHostKeyAnnouncement(payload)) return true;
  bytes_to_user_ += DataBytes(payload);
  user_.Send(payload);
  if (user_.above_high_watermark()) workspace_.PauseReading();
  return true;
}

}  // namespace homeport
