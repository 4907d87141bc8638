#include "agent/channel_acceptor.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <utility>

#include "agent/socket_channel.h"
#include "base/address.h"
#include "base/ssh_wire.h"

namespace homeport::agent {
namespace {

constexpr absl::Duration kPause = absl::Milliseconds(50);

}  // namespace

ChannelAcceptor::ChannelAcceptor(EventLoop& loop, ssh::ConnectionServer& server, int listener,
                                 std::string type, PayloadFunction payload,
                                 std::function<void()> on_accepted)
    : loop_(loop),
      server_(server),
      listener_(listener),
      type_(std::move(type)),
      payload_(std::move(payload)),
      on_accepted_(std::move(on_accepted)),
      watch_(loop, listener, [this](uint32_t) { AcceptOne(); }) {
  watch_.Want(EPOLLIN);
}

ChannelAcceptor::~ChannelAcceptor() { loop_.Cancel(timer_); }

void ChannelAcceptor::Stop() {
  loop_.Cancel(timer_);
  timer_ = 0;
  watch_.Want(0);
}

void ChannelAcceptor::AcceptOne() {
  if (!server_.CanOpen()) {
    Pause();
    return;
  }
  UniqueFd socket(accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket.valid()) {
    if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) Pause();
    return;
  }
  const int on = 1;
  setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));  // a Unix socket refuses
  const std::string payload = payload_(socket.get());
  server_.OpenChannel(type_, payload, std::make_unique<SocketChannel>(loop_, std::move(socket)));
  if (on_accepted_) on_accepted_();
}

void ChannelAcceptor::Pause() {
  watch_.Want(0);
  timer_ = loop_.After(kPause, [this] {
    timer_ = 0;
    watch_.Want(EPOLLIN);
  });
}

std::string OriginatorFields(int accepted) {
  const absl::StatusOr<HostPort> peer = ParseHostPort(PeerAddress(accepted));
  // sshd's words for a peer that is gone already.
  if (!peer.ok()) return WireWriter().String("UNKNOWN").Uint32(65535).bytes();
  return WireWriter().String(peer->host).Uint32(static_cast<uint32_t>(peer->port)).bytes();
}

}  // namespace homeport::agent
