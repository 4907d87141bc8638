// A channel whose other end is a connected stream socket: the pump of every kind of forwarding.
//
//   client ──data──▶ queue ──▶ socket      EOF ▶ shutdown of writing
//   client ◀──data── socket                end of input ▶ EOF
//
// The socket is read only while the client's window and the connection have room; the client gets
// window back only for what the socket has taken. So a reader that stops stops its writer, and what
// waits here is never more than one window (ssh::Channel::kWindowBytes). The channel closes when
// both directions have ended; what the client sent before it closed is still delivered.
//
// Threads: the loop's.
#ifndef HOMEPORT_AGENT_SOCKET_CHANNEL_H_
#define HOMEPORT_AGENT_SOCKET_CHANNEL_H_

#include <string>

#include "agent/fd_watch.h"
#include "base/event_loop.h"
#include "base/unique_fd.h"
#include "ssh/channel.h"

namespace homeport::agent {

class SocketChannel : public ssh::ChannelHandler {
 public:
  // `socket` is connected and non-blocking. Nothing is read before the channel is open.
  SocketChannel(EventLoop& loop, UniqueFd socket);

  void OnOpened(ssh::Channel& channel) override;
  void OnData(absl::string_view data) override;
  void OnEof() override;
  bool OnRequest(const std::string&, WireReader) override { return false; }
  void OnWritable() override { UpdateInterest(); }
  bool OnCloseReceived() override;
  void OnClosed() override;

 private:
  void OnReady(uint32_t events);
  void ReadOnce();
  // Writes what goes; returns how much. After an error nothing is written any more.
  size_t WriteNow(absl::string_view data);
  void FlushQueue();
  // The queue is empty: passes on what the client said after it.
  void OnQueueWritten();
  void UpdateInterest();
  // Closes the channel if both directions have ended.
  void CloseIfOver();

  UniqueFd socket_;
  ssh::Channel* channel_ = nullptr;
  std::string queue_;
  size_t written_ = 0;          // of queue_
  bool client_ended_ = false;   // its EOF or CLOSE was received
  bool client_closed_ = false;  // its CLOSE was received
  bool reading_ended_ = false;  // of the socket
  bool writing_ended_ = false;  // to the socket
  FdWatch watch_;
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_SOCKET_CHANNEL_H_
