#include "bench/channel_opens.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/logging.h"
#include "base/ssh_wire.h"
#include "ssh/message_numbers.h"

namespace homeport::bench {

void ChannelOpens::OnSignedIn() {
  for (uint32_t i = 0; i < std::min(count_, at_once_); ++i) Open();
}

void ChannelOpens::Open() {
  WireWriter open;
  open.Byte(ssh::kChannelOpen).String("session").Uint32(opened_++);
  transport().Send(open.Uint32(64 << 10).Uint32(32 << 10).bytes());
}

bool ChannelOpens::OnPacket(absl::string_view payload) {
  WireReader packet(payload);
  switch (packet.Byte()) {
    case ssh::kChannelOpenConfirmation: {
      packet.Uint32();
      const uint32_t peer_channel = packet.Uint32();
      transport().Send(WireWriter().Byte(ssh::kChannelClose).Uint32(peer_channel).bytes());
      break;
    }
    case ssh::kChannelClose:
      if (++closed_ == count_) {
        End(absl::OkStatus());
      } else if (opened_ < count_) {
        Open();
      }
      break;
    case ssh::kChannelOpenFailure: {
      packet.Uint32();
      const uint32_t reason = packet.Uint32();
      End(absl::ResourceExhaustedError(absl::StrCat("channel ", opened_, " was refused (", reason,
                                                    "): ", Printable(packet.String()))));
      break;
    }
    default:
      break;
  }
  return packet.ok();
}

}  // namespace homeport::bench
