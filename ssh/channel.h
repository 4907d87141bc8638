// One channel of a ConnectionServer (RFC 4254, 5), seen from the server.
//
// Threads: everything on the transport's loop thread.
#ifndef HOMEPORT_SSH_CHANNEL_H_
#define HOMEPORT_SSH_CHANNEL_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "base/ssh_wire.h"

namespace homeport::ssh {

class Channel;
class ConnectionServer;
class Transport;

// What a channel's owner is told. The handler belongs to the channel and goes with it; it may call
// any method of the channel from any callback.
class ChannelHandler {
 public:
  virtual ~ChannelHandler() = default;
  // The channel is confirmed; it outlives the handler's other calls.
  virtual void OnOpened(Channel& channel) = 0;
  // The client refused a channel that we opened: instead of OnOpened. OnClosed follows.
  virtual void OnOpenFailed(uint32_t /*reason*/, absl::string_view /*description*/) {}
  // Data of the client. The view ends with the call. Call Channel::Consumed for it, now or when it
  // has been used.
  virtual void OnData(absl::string_view data) = 0;
  // The client sends nothing more (its EOF); OnClosed may come without it.
  virtual void OnEof() = 0;
  // A channel request; `payload` is what is special to its type. True for success; the reply is
  // sent if it is wanted.
  virtual bool OnRequest(const std::string& type, WireReader payload) = 0;
  // Right after a request was answered with success: what a shell or command prints comes after the
  // reply.
  virtual void OnRequestAnswered() {}
  // There is room to write again (writable_bytes() was 0 and is not any more).
  virtual void OnWritable() = 0;
  // The client has closed its side: it sends nothing more and takes no more data. True to close
  // ours at once; false if there is something left to do or to tell: Channel::Close comes later.
  virtual bool OnCloseReceived() { return true; }
  // The channel is closed by both sides, or the connection is gone, also before OnOpened. The
  // handler is destroyed next.
  virtual void OnClosed() = 0;
};

class Channel {
 public:
  // What a client may send before Consumed gives it more.
  static constexpr uint32_t kWindowBytes = 2 << 20;
  // The largest data packet that we ask clients to send, and send ourselves (RFC 4253, 6.1
  // guarantees 32768).
  static constexpr uint32_t kMaxPacketBytes = 32 << 10;

  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // How much Write takes now: the client's window, and nothing while the transport is full.
  size_t writable_bytes() const;
  // Sends data, or extended data of type stderr. At most writable_bytes(); more is our own mistake
  // and is dropped.
  void Write(absl::string_view data) { WriteData(data, false); }
  void WriteStderr(absl::string_view data) { WriteData(data, true); }
  // No more data from us.
  void SendEof();
  // A request to the client without a reply: exit-status, exit-signal.
  void SendRequest(absl::string_view type, absl::string_view payload);
  // Closes our side; OnClosed follows when the client has closed its own.
  void Close();
  // Gives the client window for data that has been used.
  void Consumed(size_t bytes);

  bool close_sent() const { return close_sent_; }

 private:
  friend class ConnectionServer;

  Channel(ConnectionServer& server, uint32_t id, std::unique_ptr<ChannelHandler> handler);

  // The channel is open at both ends; the handler is told.
  void Open(uint32_t peer_id, uint32_t peer_window, uint32_t peer_max_packet);
  void WriteData(absl::string_view data, bool to_stderr);
  // One packet of this channel, after the recipient field. False is a protocol error.
  bool OnPacket(uint8_t number, WireReader reader);
  // The answer to our CHANNEL_OPEN.
  bool OnOpenAnswer(uint8_t number, WireReader reader);
  bool OnDataPacket(absl::string_view data);
  bool OnExtendedDataPacket(WireReader reader);
  bool OnEofPacket();
  bool OnClosePacket();
  bool OnRequestPacket(WireReader reader);
  bool OnWindowAdjust(uint32_t bytes);
  void TellWritable();

  ConnectionServer& server_;
  const uint32_t id_;
  uint32_t peer_id_ = 0;
  uint32_t peer_window_ = 0;
  uint32_t peer_max_packet_ = 0;
  uint32_t window_ = kWindowBytes;  // what the client may still send
  uint32_t consumed_ = 0;           // used, and not yet given back to the client
  bool open_ = false;               // confirmed
  bool refused_ = false;
  bool eof_sent_ = false;
  bool eof_received_ = false;
  bool close_sent_ = false;
  bool close_received_ = false;
  std::unique_ptr<ChannelHandler> handler_;
};

}  // namespace homeport::ssh

#endif  // HOMEPORT_SSH_CHANNEL_H_
