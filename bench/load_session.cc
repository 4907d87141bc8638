#include "bench/load_session.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/logging.h"
#include "ssh/message_numbers.h"

namespace homeport::bench {
namespace {

constexpr uint32_t kWindowBytes = 2 << 20;
constexpr uint32_t kPacketBytes = 32 << 10;

WireWriter Message(ssh::MessageNumber number, uint32_t channel) {
  WireWriter message;
  message.Byte(number).Uint32(channel);
  return message;
}

}  // namespace

void LoadSession::OnSignedIn() {
  WireWriter open;
  open.Byte(ssh::kChannelOpen).String("session").Uint32(0);
  transport().Send(open.Uint32(kWindowBytes).Uint32(kPacketBytes).bytes());
}

bool LoadSession::OnPacket(absl::string_view payload) {
  WireReader packet(payload);
  const uint8_t number = packet.Byte();
  if (number != ssh::kGlobalRequest) packet.Uint32();  // our channel's number is 0
  switch (number) {
    case ssh::kChannelOpenConfirmation:
      OnConfirmed(packet);
      break;
    case ssh::kChannelSuccess:
      if (on_started_) on_started_();
      break;
    case ssh::kChannelWindowAdjust:
      send_window_ += packet.Uint32();
      SendMore();
      break;
    case ssh::kChannelData:
      OnData(packet.String().size());
      break;
    case ssh::kChannelExtendedData:
      packet.Uint32();
      errors_ += std::string(packet.String());
      break;
    case ssh::kChannelRequest:
      OnRequest(packet);
      break;
    case ssh::kChannelClose:
      transport().Send(Message(ssh::kChannelClose, peer_channel_).bytes());
      End(Outcome());
      break;
    case ssh::kChannelOpenFailure:
    case ssh::kChannelFailure:
      End(absl::UnavailableError(absl::StrCat("the server would not start \"", command_, "\"")));
      break;
    default:  // global requests, end of file
      break;
  }
  return packet.ok();
}

absl::Status LoadSession::Outcome() const {
  if (exit_status_ == 0) return absl::OkStatus();
  return absl::UnknownError(absl::StrCat("\"", command_, "\" ended with ", exit_status_,
                                         ", not 0: ", Printable(errors_)));
}

void LoadSession::OnConfirmed(WireReader& packet) {
  peer_channel_ = packet.Uint32();
  send_window_ = packet.Uint32();
  max_packet_ = std::min(packet.Uint32(), kPacketBytes);
  WireWriter exec = Message(ssh::kChannelRequest, peer_channel_);
  transport().Send(exec.String("exec").Bool(true).String(command_).bytes());
}

void LoadSession::OnRequest(WireReader& packet) {
  const absl::string_view type = packet.String();
  packet.Bool();
  if (type == "exit-status") exit_status_ = static_cast<int>(packet.Uint32());
}

void LoadSession::OnData(size_t size) {
  unacknowledged_ += size;
  if (unacknowledged_ >= kWindowBytes / 2) {
    WireWriter adjust = Message(ssh::kChannelWindowAdjust, peer_channel_);
    transport().Send(adjust.Uint32(static_cast<uint32_t>(unacknowledged_)).bytes());
    unacknowledged_ = 0;
  }
  if (expected_ == 0) return;
  expected_ -= std::min<uint64_t>(expected_, size);
  if (expected_ == 0 && on_received_) std::exchange(on_received_, nullptr)();
}

void LoadSession::Exchange(const std::string& head, uint64_t zeros, uint64_t expected,
                           std::function<void()> on_received) {
  expected_ = expected;
  on_received_ = std::move(on_received);
  if (!head.empty()) {
    transport().Send(Message(ssh::kChannelData, peer_channel_).String(head).bytes());
    send_window_ -= std::min<uint64_t>(send_window_, head.size());
  }
  zeros_to_send_ = zeros;
  SendMore();
}

void LoadSession::SendMore() {
  static const std::string* const zeros = new std::string(kPacketBytes, '\0');
  while (zeros_to_send_ > 0 && send_window_ > 0 && !transport().above_high_watermark()) {
    const uint64_t size = std::min<uint64_t>({zeros_to_send_, send_window_, max_packet_});
    WireWriter data = Message(ssh::kChannelData, peer_channel_);
    transport().Send(data.Uint32(static_cast<uint32_t>(size)).bytes(),
                     absl::string_view(*zeros).substr(0, size));
    zeros_to_send_ -= size;
    send_window_ -= size;
  }
}

void LoadSession::SendEof() { transport().Send(Message(ssh::kChannelEof, peer_channel_).bytes()); }

}  // namespace homeport::bench
