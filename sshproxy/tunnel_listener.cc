#include "sshproxy/tunnel_listener.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/time/clock.h"
#include "base/address.h"
#include "base/logging.h"
#include "base/tunnel_preamble.h"

namespace homeport {

TunnelListener::TunnelListener(EventLoop& loop, UniqueFd listener, const Limits& limits,
                               PendingTunnels& tunnels, ProxyMetrics& metrics)
    : loop_(loop),
      limits_(limits),
      tunnels_(tunnels),
      metrics_(metrics),
      acceptor_(
          loop, std::move(listener), [this](UniqueFd socket) { OnAccepted(std::move(socket)); },
          [this](int error) {
            metrics_.CountAcceptError();
            Logger("tunnels")->error("cannot accept a tunnel: {}", strerror(error));
          }) {}

TunnelListener::~TunnelListener() {
  for (auto& [fd, waiting] : waiting_) {
    loop_.Cancel(waiting.timer);
    loop_.Unwatch(fd);
  }
}

void TunnelListener::OnAccepted(UniqueFd socket) {
  if (waiting_.size() >= limits_.waiting) {
    metrics_.CountTunnel("too_many");
    return;
  }
  const int fd = socket.get();
  Waiting& waiting = waiting_[fd];
  waiting.socket = std::move(socket);
  waiting.timer = loop_.After(limits_.preamble_timeout,
                              [this, fd] { Drop(fd, "timeout", "no preamble in time"); });
  loop_.Watch(fd, EPOLLIN, [this, fd](uint32_t) { OnReadable(fd); });
}

void TunnelListener::OnReadable(int fd) {
  // Looked at until it is whole, then taken: what follows the preamble belongs to the backend's
  // connection.
  std::array<char, kTunnelPreambleBytes> bytes;
  const ssize_t n = recv(fd, bytes.data(), bytes.size(), MSG_PEEK);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) {
    Drop(fd, "bad_preamble", "closed before its preamble");
    return;
  }
  const size_t size = static_cast<size_t>(n);
  if (size < bytes.size()) {
    // Garbage is recognised by its first bytes. Otherwise the rest is waited for: SO_RCVLOWAT keeps
    // the loop asleep.
    const int whole = kTunnelPreambleBytes;
    setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &whole, sizeof(whole));
    if (memcmp(bytes.data(), "HOMEPORT", std::min<size_t>(size, 8)) != 0) {
      Drop(fd, "bad_preamble", "not a tunnel preamble");
    }
    return;
  }
  const auto preamble = DecodeTunnelPreamble({bytes.data(), bytes.size()});
  if (!preamble.ok()) {
    Drop(fd, "bad_preamble", std::string(preamble.status().message()));
    return;
  }
  recv(fd, bytes.data(), bytes.size(), 0);
  const int one = 1;
  setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &one, sizeof(one));
  const std::string peer = PeerAddress(fd);
  UniqueFd socket = Take(fd);
  if (tunnels_.Claim(preamble->ticket, socket, preamble->backend, absl::Now())) {
    metrics_.CountTunnel("ok");
  } else {
    metrics_.CountTunnel("bad_ticket");
    Logger("tunnels")->warn("from={} refused: the ticket is unknown, used or expired", peer);
  }
}

UniqueFd TunnelListener::Take(int fd) {
  const auto found = waiting_.find(fd);
  loop_.Cancel(found->second.timer);
  loop_.Unwatch(fd);
  UniqueFd socket = std::move(found->second.socket);
  waiting_.erase(found);
  return socket;
}

void TunnelListener::Drop(int fd, const char* result, const std::string& why) {
  metrics_.CountTunnel(result);
  Logger("tunnels")->warn("from={} refused: {}", PeerAddress(fd), why);
  Take(fd);
}

}  // namespace homeport
