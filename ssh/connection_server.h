// The server's side of the connection protocol (RFC 4254) above a Transport: channels that either
// side opens, and the client's global requests. The embedded server runs on it, and the front door
// where it has to answer by itself.
//
// Flow: what a client sends is handed up as it comes, within the window that the channel grants
// (kWindowBytes); the window grows again only by Channel::Consumed. What is sent waits in the
// channel until the client's window and the transport have room; writers watch
// Channel::writable_bytes.
//
// Answers that take time: a CHANNEL_OPEN and a global request may be answered later, through an
// OpenAnswer or a GlobalReply. Replies to global requests leave in the order of the requests (RFC
// 4254, 4), however late one comes.
//
// A client that breaks the protocol (unknown channel, window overrun, malformed packet, an answer
// to nothing) loses the connection.
//
// Threads: everything on the transport's loop thread.
#ifndef HOMEPORT_SSH_CONNECTION_SERVER_H_
#define HOMEPORT_SSH_CONNECTION_SERVER_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "ssh/channel.h"
#include "ssh/message_numbers.h"
#include "ssh/transport.h"

namespace homeport::ssh {

class ConnectionServer {
 public:
  // The right to answer one CHANNEL_OPEN. Copies answer the same one; the first answer counts, and
  // none after the connection's end. One that is never given keeps its place among the pending
  // ones.
  class OpenAnswer {
   public:
    void Confirm(std::unique_ptr<ChannelHandler> handler) const;
    void Refuse(OpenFailureReason reason, absl::string_view description) const;

   private:
    friend class ConnectionServer;
    // Shared with the server, which empties it when it goes.
    std::shared_ptr<ConnectionServer*> server_;
    uint64_t number_ = 0;
  };

  // The right to answer one global request, as OpenAnswer. Does nothing if the client wants no
  // reply. One that is never given holds up the replies after it.
  class GlobalReply {
   public:
    // `data` is special to the request (RFC 4254, 7.1: the port).
    void Success(absl::string_view data = {}) const;
    void Failure() const;

   private:
    friend class ConnectionServer;
    std::shared_ptr<ConnectionServer*> server_;  // as in OpenAnswer
    uint64_t number_ = 0;
  };

  // What a client's CHANNEL_OPEN gets: a handler, a promise, or a refusal.
  struct OpenResult {
    std::unique_ptr<ChannelHandler> handler;
    // If it is set: called at once with the right to answer when it can be.
    std::function<void(OpenAnswer answer)> later;
    OpenFailureReason reason = kUnknownChannelType;
    std::string description;
  };
  // Answers a CHANNEL_OPEN of this type; `payload` is what follows the fields that all types have.
  // The handler is told its channel by ChannelHandler::OnOpened.
  using OpenCallback =
      std::function<OpenResult(const std::string& type, absl::string_view payload)>;
  // Answers a global request, now or later. Without a callback all fail. False ends the connection.
  using GlobalRequestCallback = std::function<bool(
      const std::string& name, absl::string_view payload, bool want_reply, GlobalReply reply)>;

  static constexpr size_t kMostPendingOpens = 64;
  // Global requests that wait for their reply; a client that asks for more breaks the rules.
  static constexpr size_t kMostPendingReplies = 1024;

  // `transport` outlives this object. At most `max_channels` are open at a time, those being opened
  // included, and `max_pending_opens` of each side are being opened; more are refused with
  // RESOURCE_SHORTAGE.
  ConnectionServer(Transport& transport, size_t max_channels, OpenCallback on_open,
                   size_t max_pending_opens = kMostPendingOpens);
  ~ConnectionServer();

  void set_global_request_callback(GlobalRequestCallback callback) {
    on_global_request_ = std::move(callback);
  }

  // Opens a channel to the client; `payload` is what is special to the type. The handler hears
  // OnOpened or OnOpenFailed. False, and the handler is gone, while CanOpen() is false.
  bool OpenChannel(absl::string_view type, absl::string_view payload,
                   std::unique_ptr<ChannelHandler> handler);
  // Whether there is room for one more channel of ours.
  bool CanOpen() const;

  // The transport's handler passes on what it is told.
  bool OnPacket(absl::string_view payload);
  void OnOutputDrained();

  size_t channel_count() const { return channels_.size(); }

 private:
  friend class Channel;

  // A CHANNEL_OPEN of the client's that awaits its answer.
  struct PendingOpen {
    uint32_t peer_id = 0;
    uint32_t peer_window = 0;
    uint32_t peer_max_packet = 0;
  };

  bool OnChannelOpen(absl::string_view rest);
  bool OnGlobalRequest(absl::string_view rest);
  bool OnChannelPacket(uint8_t number, absl::string_view rest);
  bool IsFull() const { return channels_.size() + pending_opens_.size() >= max_channels_; }
  Channel& AddChannel(std::unique_ptr<ChannelHandler> handler);
  void Confirm(const PendingOpen& open, std::unique_ptr<ChannelHandler> handler);
  // Takes what awaits its answer; nothing if it was answered before.
  std::optional<PendingOpen> TakePendingOpen(uint64_t number);
  void SendOpenFailure(uint32_t recipient, OpenFailureReason reason, absl::string_view text);
  void Reply(uint64_t number, std::string packet);
  // Frees the channel from the loop, after the present callback.
  void Remove(uint32_t id);

  Transport& transport_;
  const size_t max_channels_;
  const size_t max_pending_opens_;
  const OpenCallback on_open_;
  GlobalRequestCallback on_global_request_;
  std::map<uint32_t, std::unique_ptr<Channel>> channels_;
  size_t unanswered_ = 0;  // channels of ours that the client has not answered
  uint64_t next_open_ = 1;
  std::map<uint64_t, PendingOpen> pending_opens_;
  // Replies in the order of the requests; those that are not given yet are empty.
  uint64_t first_reply_ = 1;  // number of replies_.front()
  std::deque<std::string> replies_;
  // What was posted to the loop finds out here whether this object is still there.
  std::shared_ptr<ConnectionServer*> self_;
};

}  // namespace homeport::ssh

#endif  // HOMEPORT_SSH_CONNECTION_SERVER_H_
