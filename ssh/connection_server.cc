#include "ssh/connection_server.h"

#include <utility>
#include <vector>

namespace homeport::ssh {

ConnectionServer::ConnectionServer(Transport& transport, size_t max_channels, OpenCallback on_open)
    : transport_(transport),
      max_channels_(max_channels),
      on_open_(std::move(on_open)),
      self_(std::make_shared<ConnectionServer*>(this)) {}

ConnectionServer::~ConnectionServer() {
  *self_ = nullptr;
  for (auto& [id, channel] : channels_) channel->handler_->OnClosed();
}

bool ConnectionServer::OnPacket(absl::string_view payload) {
  WireReader reader(payload);
  const uint8_t number = reader.Byte();
  switch (number) {
    case kGlobalRequest:
      return OnGlobalRequest(reader.rest());
    case kChannelOpen:
      return OnChannelOpen(reader.rest());
    case kRequestSuccess:
    case kRequestFailure:
      return false;  // we ask for no replies
    default:
      return OnChannelPacket(number, reader.rest());
  }
}

void ConnectionServer::OnOutputDrained() {
  std::vector<uint32_t> ids;
  for (const auto& [id, channel] : channels_) ids.push_back(id);
  for (const uint32_t id : ids) {
    const auto found = channels_.find(id);
    if (found != channels_.end()) found->second->TellWritable();
  }
}

bool ConnectionServer::OnChannelOpen(absl::string_view rest) {
  WireReader reader(rest);
  const std::string type(reader.String());
  const uint32_t peer_id = reader.Uint32();
  const uint32_t peer_window = reader.Uint32();
  const uint32_t peer_max_packet = reader.Uint32();
  if (!reader.ok() || peer_max_packet == 0) return false;
  if (channels_.size() >= max_channels_) {
    SendOpenFailure(peer_id, kResourceShortage, "too many channels are open");
    return true;
  }
  OpenResult result = on_open_(type, reader.rest());
  if (result.handler == nullptr) {
    SendOpenFailure(peer_id, result.reason, result.description);
    return true;
  }
  // The lowest free number, as OpenSSH does.
  uint32_t id = 0;
  for (const auto& [taken, channel] : channels_) {
    if (taken != id) break;
    ++id;
  }
  auto channel = std::unique_ptr<Channel>(
      new Channel(*this, id, peer_id, peer_window, peer_max_packet, std::move(result.handler)));
  Channel& opened = *channel;
  channels_.emplace(id, std::move(channel));
  transport_.Send(WireWriter()
                      .Byte(kChannelOpenConfirmation)
                      .Uint32(peer_id)
                      .Uint32(id)
                      .Uint32(Channel::kWindowBytes)
                      .Uint32(Channel::kMaxPacketBytes)
                      .bytes());
  opened.handler_->OnOpened(opened);
  return true;
}

void ConnectionServer::SendOpenFailure(uint32_t recipient, OpenFailureReason reason,
                                       absl::string_view text) {
  transport_.Send(WireWriter()
                      .Byte(kChannelOpenFailure)
                      .Uint32(recipient)
                      .Uint32(reason)
                      .String(text)
                      .String("")
                      .bytes());
}

bool ConnectionServer::OnGlobalRequest(absl::string_view rest) {
  WireReader reader(rest);
  const std::string name(reader.String());
  const bool want_reply = reader.Bool();
  if (!reader.ok()) return false;
  const bool success = on_global_request_ && on_global_request_(name, reader.rest());
  if (want_reply) {
    transport_.Send(WireWriter().Byte(success ? kRequestSuccess : kRequestFailure).bytes());
  }
  return true;
}

bool ConnectionServer::OnChannelPacket(uint8_t number, absl::string_view rest) {
  if (number < kChannelOpenConfirmation || number > kChannelFailure) {
    // RFC 4254 knows no such message. libssh has no way to answer UNIMPLEMENTED for us here.
    return false;
  }
  WireReader reader(rest);
  const auto found = channels_.find(reader.Uint32());
  if (!reader.ok() || found == channels_.end()) return false;
  return found->second->OnPacket(number, reader);
}

void ConnectionServer::Remove(uint32_t id) {
  transport_.loop().Post([self = self_, id] {
    if (*self == nullptr) return;
    const auto found = (*self)->channels_.find(id);
    if (found == (*self)->channels_.end()) return;
    const std::unique_ptr<Channel> channel = std::move(found->second);
    (*self)->channels_.erase(found);
    channel->handler_->OnClosed();
  });
}

}  // namespace homeport::ssh
