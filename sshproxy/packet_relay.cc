#include "sshproxy/packet_relay.h"

#include <algorithm>

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

// OpenSSH's client and server answer it with failure, as they do what they do not know.
constexpr absl::string_view kKeepalive = "keepalive@openssh.com";
// A client that is suspended need not find many of them.
constexpr int kMostKeepalives = 3;
// Global requests that a workspace may have unanswered: far more than any server asks.
constexpr size_t kMostUnanswered = 1024;

bool IsHostKeyAnnouncement(absl::string_view payload) {
  if (Number(payload) != ssh::kGlobalRequest) return false;
  WireReader reader(payload.substr(1));
  return reader.String() == kHostKeys && reader.ok();
}

bool IsAnswer(absl::string_view payload) {
  return Number(payload) == ssh::kRequestSuccess || Number(payload) == ssh::kRequestFailure;
}

int64_t DataBytes(absl::string_view payload) {
  const uint8_t number = Number(payload);
  // Number, recipient and length, and the type of extended data; a malformed packet may lack them.
  size_t header = payload.size();
  if (number == ssh::kChannelData) header = 9;
  if (number == ssh::kChannelExtendedData) header = 13;
  return static_cast<int64_t>(payload.size() - std::min(header, payload.size()));
}

}  // namespace

bool PacketRelay::FromUser(absl::string_view payload) {
  if (!IsConnectionProtocol(payload)) return false;
  heard_from_user_ = true;
  if (IsAnswer(payload) && !IsAnswerForWorkspace()) return true;
  return Carry(Side::kUser, payload);
}

bool PacketRelay::FromWorkspace(absl::string_view payload) {
  if (!IsConnectionProtocol(payload)) return false;
  if (Number(payload) == ssh::kGlobalRequest) {
    if (IsHostKeyAnnouncement(payload)) return true;
    if (!NoteGlobalRequest(payload)) return false;
  }
  return Carry(Side::kWorkspace, payload);
}

bool PacketRelay::Carry(Side from, absl::string_view payload) {
  const Side to = Other(from);
  switch (gate_.Look(from, payload)) {
    case ChannelGate::Verdict::kBreach:
      return false;
    case ChannelGate::Verdict::kPass:
      bytes_to_[Index(to)] += DataBytes(payload);
      To(to).Send(payload);
      break;
    case ChannelGate::Verdict::kDealt:
      // Whoever asks for what is refused and does not read the answers has to wait as well.
      if (To(from).above_high_watermark()) To(from).PauseReading();
      break;
  }
  if (To(to).above_high_watermark()) To(from).PauseReading();
  return true;
}

void PacketRelay::Drained(Side side) {
  To(Other(side)).ResumeReading();
  if (!To(Other(side)).above_high_watermark()) To(side).ResumeReading();
}

void PacketRelay::SendKeepaliveToUser() {
  if (own_unanswered_ >= kMostKeepalives) return;
  ++own_unanswered_;
  unanswered_.push_back(true);
  user_.Send(WireWriter().Byte(ssh::kGlobalRequest).String(kKeepalive).Bool(true).bytes());
}

bool PacketRelay::NoteGlobalRequest(absl::string_view payload) {
  WireReader reader(payload.substr(1));
  reader.String();
  const bool want_reply = reader.Bool();
  if (!reader.ok()) return false;
  if (!want_reply) return true;
  if (unanswered_.size() >= kMostUnanswered) return false;
  unanswered_.push_back(false);
  return true;
}

bool PacketRelay::IsAnswerForWorkspace() {
  if (unanswered_.empty()) return true;  // that nobody asked for: the workspace's server judges it
  const bool ours = unanswered_.front();
  unanswered_.pop_front();
  if (ours) --own_unanswered_;
  return !ours;
}

}  // namespace homeport
