// The server's side of the connection protocol (RFC 4254) above a Transport: channels that the
// client opens, and global requests. The embedded server runs on it, and the front door where it
// has to answer by itself.
//
// Flow: what a client sends is handed up as it comes, within the window that the channel grants
// (kWindowBytes); the window grows again only by Channel::Consumed. What is sent waits in the
// channel until the client's window and the transport have room; writers watch
// Channel::writable_bytes.
//
// A client that breaks the protocol (unknown channel, window overrun, malformed packet) loses the
// connection.
//
// Threads: everything on the transport's loop thread.
#ifndef HOMEPORT_SSH_CONNECTION_SERVER_H_
#define HOMEPORT_SSH_CONNECTION_SERVER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "ssh/channel.h"
#include "ssh/message_numbers.h"
#include "ssh/transport.h"

namespace homeport::ssh {

class ConnectionServer {
 public:
  // What a client's CHANNEL_OPEN gets: a handler, or a refusal.
  struct OpenResult {
    std::unique_ptr<ChannelHandler> handler;
    OpenFailureReason reason = kUnknownChannelType;
    std::string description;
  };
  // Answers a CHANNEL_OPEN of this type; `payload` is what follows the fields that all types have.
  // The handler is told its channel by ChannelHandler::OnOpened.
  using OpenCallback =
      std::function<OpenResult(const std::string& type, absl::string_view payload)>;
  // Answers a global request: true for success. Without want_reply the result is not sent.
  using GlobalRequestCallback =
      std::function<bool(const std::string& name, absl::string_view payload)>;

  // `transport` outlives this object. At most `max_channels` are open at a time; more are refused
  // with RESOURCE_SHORTAGE.
  ConnectionServer(Transport& transport, size_t max_channels, OpenCallback on_open);
  ~ConnectionServer();

  void set_global_request_callback(GlobalRequestCallback callback) {
    on_global_request_ = std::move(callback);
  }

  // The transport's handler passes on what it is told.
  bool OnPacket(absl::string_view payload);
  void OnOutputDrained();

  size_t channel_count() const { return channels_.size(); }

 private:
  friend class Channel;

  bool OnChannelOpen(absl::string_view rest);
  bool OnGlobalRequest(absl::string_view rest);
  bool OnChannelPacket(uint8_t number, absl::string_view rest);
  void SendOpenFailure(uint32_t recipient, OpenFailureReason reason, absl::string_view text);
  // Frees the channel from the loop, after the present callback.
  void Remove(uint32_t id);

  Transport& transport_;
  const size_t max_channels_;
  const OpenCallback on_open_;
  GlobalRequestCallback on_global_request_;
  std::map<uint32_t, std::unique_ptr<Channel>> channels_;
  // What was posted to the loop finds out here whether this object is still there.
  std::shared_ptr<ConnectionServer*> self_;
};

}  // namespace homeport::ssh

#endif  // HOMEPORT_SSH_CONNECTION_SERVER_H_
