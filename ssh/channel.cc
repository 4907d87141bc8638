#include "ssh/channel.h"

#include <algorithm>
#include <utility>

#include "ssh/connection_server.h"
#include "ssh/message_numbers.h"
#include "ssh/transport.h"

namespace homeport::ssh {
namespace {

// The window is given back in pieces, so that small reads do not answer every packet with one of
// ours.
constexpr uint32_t kWindowStep = Channel::kWindowBytes / 8;

}  // namespace

Channel::Channel(ConnectionServer& server, uint32_t id, std::unique_ptr<ChannelHandler> handler)
    : server_(server), id_(id), handler_(std::move(handler)) {}

void Channel::Open(uint32_t peer_id, uint32_t peer_window, uint32_t peer_max_packet) {
  open_ = true;
  peer_id_ = peer_id;
  peer_window_ = peer_window;
  peer_max_packet_ = std::min(peer_max_packet, kMaxPacketBytes);
  handler_->OnOpened(*this);
}

size_t Channel::writable_bytes() const {
  if (eof_sent_ || close_sent_ || close_received_ || server_.transport_.above_high_watermark()) {
    return 0;
  }
  return peer_window_;
}

void Channel::WriteData(absl::string_view data, bool to_stderr) {
  data = data.substr(0, writable_bytes());
  while (!data.empty()) {
    const absl::string_view piece = data.substr(0, peer_max_packet_);
    WireWriter head;
    head.Byte(to_stderr ? kChannelExtendedData : kChannelData).Uint32(peer_id_);
    if (to_stderr) head.Uint32(kExtendedDataStderr);
    head.Uint32(static_cast<uint32_t>(piece.size()));
    server_.transport_.Send(head.bytes(), piece);
    peer_window_ -= static_cast<uint32_t>(piece.size());
    data.remove_prefix(piece.size());
  }
}

void Channel::SendEof() {
  if (eof_sent_ || close_sent_ || close_received_) return;
  eof_sent_ = true;
  server_.transport_.Send(WireWriter().Byte(kChannelEof).Uint32(peer_id_).bytes());
}

void Channel::SendRequest(absl::string_view type, absl::string_view payload) {
  if (close_sent_) return;
  server_.transport_.Send(
      WireWriter().Byte(kChannelRequest).Uint32(peer_id_).String(type).Bool(false).bytes(),
      payload);
}

void Channel::Close() {
  if (close_sent_) return;
  close_sent_ = true;
  server_.transport_.Send(WireWriter().Byte(kChannelClose).Uint32(peer_id_).bytes());
  if (close_received_) server_.Remove(id_);
}

void Channel::Consumed(size_t bytes) {
  consumed_ += static_cast<uint32_t>(bytes);
  if (consumed_ < kWindowStep || close_sent_ || eof_received_ || close_received_) return;
  window_ += consumed_;
  server_.transport_.Send(
      WireWriter().Byte(kChannelWindowAdjust).Uint32(peer_id_).Uint32(consumed_).bytes());
  consumed_ = 0;
}

bool Channel::OnPacket(uint8_t number, WireReader reader) {
  if (number == kChannelOpenConfirmation || number == kChannelOpenFailure) {
    return OnOpenAnswer(number, reader);
  }
  if (!open_ || close_received_) return false;
  switch (number) {
    case kChannelData: {
      const absl::string_view data = reader.String();
      return reader.AtEnd() && OnDataPacket(data);
    }
    case kChannelExtendedData:
      return OnExtendedDataPacket(reader);
    case kChannelWindowAdjust: {
      const uint32_t bytes = reader.Uint32();
      return reader.AtEnd() && OnWindowAdjust(bytes);
    }
    case kChannelEof:
      return reader.AtEnd() && OnEofPacket();
    case kChannelClose:
      return reader.AtEnd() && OnClosePacket();
    case kChannelRequest:
      return OnRequestPacket(reader);
    default:
      return false;  // an answer to a request among them: we ask for none
  }
}

bool Channel::OnOpenAnswer(uint8_t number, WireReader reader) {
  if (open_ || refused_) return false;
  if (number == kChannelOpenFailure) {
    const uint32_t reason = reader.Uint32();
    const absl::string_view description = reader.String();
    reader.String();  // the description's language
    if (!reader.AtEnd()) return false;
    refused_ = true;
    --server_.unanswered_;
    handler_->OnOpenFailed(reason, description);
    server_.Remove(id_);
    return true;
  }
  const uint32_t peer_id = reader.Uint32();
  const uint32_t peer_window = reader.Uint32();
  const uint32_t peer_max_packet = reader.Uint32();
  if (!reader.AtEnd() || peer_max_packet == 0) return false;
  --server_.unanswered_;
  Open(peer_id, peer_window, peer_max_packet);
  return true;
}

bool Channel::OnDataPacket(absl::string_view data) {
  if (data.size() > window_ || eof_received_) return false;
  window_ -= static_cast<uint32_t>(data.size());
  if (!close_sent_) handler_->OnData(data);
  return true;
}

bool Channel::OnExtendedDataPacket(WireReader reader) {
  // A client has no business with it (RFC 4254, 5.2), but it counts against the window.
  reader.Uint32();
  const absl::string_view data = reader.String();
  if (!reader.AtEnd() || data.size() > window_) return false;
  window_ -= static_cast<uint32_t>(data.size());
  Consumed(data.size());
  return true;
}

bool Channel::OnEofPacket() {
  if (eof_received_) return false;
  eof_received_ = true;
  if (!close_sent_) handler_->OnEof();
  return true;
}

bool Channel::OnClosePacket() {
  close_received_ = true;
  if (close_sent_) {
    server_.Remove(id_);
  } else if (handler_->OnCloseReceived()) {
    Close();
  }
  return true;
}

bool Channel::OnRequestPacket(WireReader reader) {
  const std::string type(reader.String());
  const bool want_reply = reader.Bool();
  if (!reader.ok()) return false;
  const bool success = !close_sent_ && handler_->OnRequest(type, reader);
  if (want_reply && !close_sent_) {
    server_.transport_.Send(
        WireWriter().Byte(success ? kChannelSuccess : kChannelFailure).Uint32(peer_id_).bytes());
  }
  if (success) handler_->OnRequestAnswered();
  return true;
}

bool Channel::OnWindowAdjust(uint32_t bytes) {
  if (bytes > UINT32_MAX - peer_window_) return false;  // RFC 4254, 5.2: at most 2^32 - 1
  const bool was_empty = peer_window_ == 0;
  peer_window_ += bytes;
  if (was_empty) TellWritable();
  return true;
}

void Channel::TellWritable() {
  if (open_ && writable_bytes() > 0) handler_->OnWritable();
}

}  // namespace homeport::ssh
