#include "agent/sftp/packet_framing.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "agent/sftp/protocol.h"
#include "base/ssh_wire.h"

namespace homeport::agent::sftp {

absl::StatusOr<absl::string_view> FirstPacket(absl::string_view stream) {
  if (stream.size() < kLengthBytes) return absl::string_view();
  WireReader reader(stream);
  const uint32_t length = reader.Uint32();
  if (length == 0 || length > kMaxPacketBytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a packet of ", length, " bytes has been announced; it can have 1 to ", kMaxPacketBytes));
  }
  return length <= reader.rest().size() ? reader.Raw(length) : absl::string_view();
}

}  // namespace homeport::agent::sftp
