#include "ssh/connection_server.h"

#include <utility>
#include <vector>

namespace homeport::ssh {

ConnectionServer::ConnectionServer(Transport& transport, size_t max_channels, OpenCallback on_open,
                                   size_t max_pending_opens)
    : transport_(transport),
      max_channels_(max_channels),
      max_pending_opens_(max_pending_opens),
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
  PendingOpen open;
  open.peer_id = reader.Uint32();
  open.peer_window = reader.Uint32();
  open.peer_max_packet = reader.Uint32();
  if (!reader.ok() || open.peer_max_packet == 0) return false;
  if (IsFull()) {
    SendOpenFailure(open.peer_id, kResourceShortage, "too many channels are open");
    return true;
  }
  OpenResult result = on_open_(type, reader.rest());
  if (result.handler != nullptr) {
    Confirm(open, std::move(result.handler));
  } else if (!result.later) {
    SendOpenFailure(open.peer_id, result.reason, result.description);
  } else if (pending_opens_.size() >= max_pending_opens_) {
    SendOpenFailure(open.peer_id, kResourceShortage, "too many channels are being opened");
  } else {
    OpenAnswer answer;
    answer.server_ = self_;
    answer.number_ = next_open_++;
    pending_opens_.emplace(answer.number_, open);
    result.later(std::move(answer));
  }
  return true;
}

Channel& ConnectionServer::AddChannel(std::unique_ptr<ChannelHandler> handler) {
  // The lowest free number, as OpenSSH does.
  uint32_t id = 0;
  for (const auto& [taken, channel] : channels_) {
    if (taken != id) break;
    ++id;
  }
  auto channel = std::unique_ptr<Channel>(new Channel(*this, id, std::move(handler)));
  return *channels_.emplace(id, std::move(channel)).first->second;
}

void ConnectionServer::Confirm(const PendingOpen& open, std::unique_ptr<ChannelHandler> handler) {
  Channel& channel = AddChannel(std::move(handler));
  transport_.Send(WireWriter()
                      .Byte(kChannelOpenConfirmation)
                      .Uint32(open.peer_id)
                      .Uint32(channel.id_)
                      .Uint32(Channel::kWindowBytes)
                      .Uint32(Channel::kMaxPacketBytes)
                      .bytes());
  channel.Open(open.peer_id, open.peer_window, open.peer_max_packet);
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

std::optional<ConnectionServer::PendingOpen> ConnectionServer::TakePendingOpen(uint64_t number) {
  const auto found = pending_opens_.find(number);
  if (found == pending_opens_.end()) return std::nullopt;
  const PendingOpen open = found->second;
  pending_opens_.erase(found);
  return open;
}

void ConnectionServer::OpenAnswer::Confirm(std::unique_ptr<ChannelHandler> handler) const {
  if (server_ == nullptr || *server_ == nullptr) return;
  if (const auto open = (*server_)->TakePendingOpen(number_)) {
    (*server_)->Confirm(*open, std::move(handler));
  }
}

void ConnectionServer::OpenAnswer::Refuse(OpenFailureReason reason,
                                          absl::string_view description) const {
  if (server_ == nullptr || *server_ == nullptr) return;
  if (const auto open = (*server_)->TakePendingOpen(number_)) {
    (*server_)->SendOpenFailure(open->peer_id, reason, description);
  }
}

bool ConnectionServer::CanOpen() const {
  return !transport_.closed() && !IsFull() && unanswered_ < max_pending_opens_;
}

bool ConnectionServer::OpenChannel(absl::string_view type, absl::string_view payload,
                                   std::unique_ptr<ChannelHandler> handler) {
  if (!CanOpen()) return false;
  const Channel& channel = AddChannel(std::move(handler));
  ++unanswered_;
  transport_.Send(WireWriter()
                      .Byte(kChannelOpen)
                      .String(type)
                      .Uint32(channel.id_)
                      .Uint32(Channel::kWindowBytes)
                      .Uint32(Channel::kMaxPacketBytes)
                      .bytes(),
                  payload);
  return true;
}

bool ConnectionServer::OnGlobalRequest(absl::string_view rest) {
  WireReader reader(rest);
  const std::string name(reader.String());
  const bool want_reply = reader.Bool();
  if (!reader.ok() || replies_.size() >= kMostPendingReplies) return false;
  GlobalReply reply;
  if (want_reply) {
    reply.server_ = self_;
    reply.number_ = first_reply_ + replies_.size();
    replies_.emplace_back();
  }
  if (on_global_request_) return on_global_request_(name, reader.rest(), want_reply, reply);
  reply.Failure();
  return true;
}

void ConnectionServer::GlobalReply::Success(absl::string_view data) const {
  if (server_ == nullptr || *server_ == nullptr) return;
  (*server_)->Reply(number_, WireWriter().Byte(kRequestSuccess).Raw(data).bytes());
}

void ConnectionServer::GlobalReply::Failure() const {
  if (server_ == nullptr || *server_ == nullptr) return;
  (*server_)->Reply(number_, WireWriter().Byte(kRequestFailure).bytes());
}

void ConnectionServer::Reply(uint64_t number, std::string packet) {
  if (number < first_reply_ || !replies_[number - first_reply_].empty()) return;
  replies_[number - first_reply_] = std::move(packet);
  while (!replies_.empty() && !replies_.front().empty()) {
    transport_.Send(replies_.front());
    replies_.pop_front();
    ++first_reply_;
  }
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
