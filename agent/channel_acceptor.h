// Accepts the connections of one listening socket and opens a channel to the client for each: the
// workspace's end of every forwarding that the client asked for.
//
// While the connection has no room for another channel, or the process no descriptor, connections
// wait in the kernel's queue.
//
// Threads: the loop's.
#ifndef HOMEPORT_AGENT_CHANNEL_ACCEPTOR_H_
#define HOMEPORT_AGENT_CHANNEL_ACCEPTOR_H_

#include <functional>
#include <string>

#include "agent/fd_watch.h"
#include "base/event_loop.h"
#include "ssh/connection_server.h"

namespace homeport::agent {

class ChannelAcceptor {
 public:
  // What is special to the channel's type in CHANNEL_OPEN, for an accepted socket.
  using PayloadFunction = std::function<std::string(int accepted)>;

  // `listener` listens, is non-blocking and outlives this object, as does `server`. `on_accepted`
  // comes after each channel that was asked for; it must not destroy this object.
  ChannelAcceptor(EventLoop& loop, ssh::ConnectionServer& server, int listener, std::string type,
                  PayloadFunction payload, std::function<void()> on_accepted = nullptr);
  ~ChannelAcceptor();
  ChannelAcceptor(const ChannelAcceptor&) = delete;
  ChannelAcceptor& operator=(const ChannelAcceptor&) = delete;

  // Accepts no more.
  void Stop();

 private:
  void AcceptOne();
  // Looks again after a moment.
  void Pause();

  EventLoop& loop_;
  ssh::ConnectionServer& server_;
  const int listener_;
  const std::string type_;
  const PayloadFunction payload_;
  const std::function<void()> on_accepted_;
  EventLoop::TimerId timer_ = 0;
  FdWatch watch_;
};

// "originator address, originator port" of RFC 4254, 7.2 and 6.3.2: who is at the other end of an
// accepted TCP socket.
std::string OriginatorFields(int accepted);

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_CHANNEL_ACCEPTOR_H_
