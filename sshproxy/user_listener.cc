#include "sshproxy/user_listener.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/address.h"
#include "base/logging.h"
#include "sshproxy/proxy_header.h"

namespace homeport {
namespace {

constexpr absl::Duration kLogEvery = absl::Seconds(1);

std::optional<IpAddress> HostOf(const std::string& host_port) {
  const absl::StatusOr<HostPort> parsed = ParseHostPort(host_port);
  return parsed.ok() ? ParseIpAddress(parsed->host) : std::nullopt;
}

// How many bytes there have to be before the loop looks again.
void WakeAt(int fd, size_t bytes) {
  const int mark = static_cast<int>(bytes);
  setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &mark, sizeof(mark));
}

}  // namespace

UserListener::UserListener(EventLoop& loop, UniqueFd listener, Options options,
                           std::function<int64_t()> connections, ProxyMetrics& metrics,
                           Callback callback)
    : loop_(loop),
      options_(std::move(options)),
      connections_(std::move(connections)),
      metrics_(metrics),
      callback_(std::move(callback)),
      waiting_room_(options_.waiting, metrics),
      acceptor_(
          loop, std::move(listener), [this](UniqueFd socket) { OnAccepted(std::move(socket)); },
          [this](int error) {
            metrics_.CountAcceptError();
            Logger("front_door")->error("cannot accept a connection: {}", strerror(error));
          }) {}

UserListener::~UserListener() {
  for (auto& [fd, waiting] : waiting_) {
    loop_.Cancel(waiting.timer);
    loop_.Unwatch(fd);
  }
}

void UserListener::OnAccepted(UniqueFd socket) {
  const std::optional<IpAddress> from = HostOf(PeerAddress(socket.get()));
  if (from.has_value() && options_.proxy_protocol_from.Contains(*from)) {
    AwaitHeader(std::move(socket));
  } else {
    Admit(ssh::ServerTransport::Client(std::move(socket)));
  }
}

void UserListener::AwaitHeader(UniqueFd socket) {
  const int fd = socket.get();
  if (waiting_.size() >= static_cast<size_t>(options_.waiting.overall)) {
    Refuse(socket, PeerAddress(fd), "unauthenticated", "too many connections are signing in");
    return;
  }
  Waiting& waiting = waiting_[fd];
  waiting.socket = std::move(socket);
  waiting.timer = loop_.After(options_.header_timeout,
                              [this, fd] { DropWaiting(fd, "no PROXY header in time"); });
  loop_.Watch(fd, EPOLLIN, [this, fd](uint32_t) { OnReadable(fd); });
}

void UserListener::OnReadable(int fd) {
  // Looked at until it is whole, then taken: what follows the header is the client's.
  std::array<char, kLongestProxyHeader> bytes;
  const ssize_t n = recv(fd, bytes.data(), bytes.size(), MSG_PEEK);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  Waiting& waiting = waiting_.at(fd);
  if (n <= 0 || static_cast<size_t>(n) == waiting.seen) {
    DropWaiting(fd, "closed before its PROXY header");
    return;
  }
  waiting.seen = static_cast<size_t>(n);
  const auto header = ReadProxyHeader({bytes.data(), waiting.seen});
  if (!header.ok()) {
    DropWaiting(fd, header.status().message());
    return;
  }
  if (!header->has_value()) {
    WakeAt(fd, waiting.seen + 1);
    return;
  }
  recv(fd, bytes.data(), (*header)->size, 0);
  WakeAt(fd, 1);
  ssh::ServerTransport::Client client(Take(fd));
  client.address = (*header)->client_address;
  client.server_address = (*header)->server_address;
  Admit(std::move(client));
}

UniqueFd UserListener::Take(int fd) {
  const auto found = waiting_.find(fd);
  loop_.Cancel(found->second.timer);
  loop_.Unwatch(fd);
  UniqueFd socket = std::move(found->second.socket);
  waiting_.erase(found);
  return socket;
}

void UserListener::DropWaiting(int fd, absl::string_view why) {
  const UniqueFd socket = Take(fd);
  Refuse(socket, PeerAddress(fd), "proxy_header", why);
}

void UserListener::Admit(ssh::ServerTransport::Client client) {
  const std::string address =
      client.address.empty() ? PeerAddress(client.socket.get()) : client.address;
  if (connections_() >= options_.max_connections) {
    Refuse(client.socket, address, "connections", "too many connections are open");
    return;
  }
  switch (waiting_room_.Enter(address, client.until_signed_in)) {
    case WaitingRoom::Answer::kComeIn:
      callback_(std::move(client));
      break;
    case WaitingRoom::Answer::kAddressHasMany:
      Refuse(client.socket, address, "per_address",
             "too many connections from your address are signing in");
      break;
    case WaitingRoom::Answer::kFull:
      Refuse(client.socket, address, "unauthenticated", "too many connections are signing in");
      break;
  }
}

void UserListener::Refuse(const UniqueFd& socket, const std::string& address, const char* reason,
                          absl::string_view sentence) {
  metrics_.CountRefusedConnection(reason);
  // A server may say something before its identification (RFC 4253, 4.2); `ssh -v` shows it.
  const std::string line = absl::StrCat("Homeport: ", sentence, ". Try again in a minute.\r\n");
  [[maybe_unused]] const ssize_t sent =
      send(socket.get(), line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  const absl::Time now = absl::Now();
  if (now < log_again_) {
    ++not_logged_;
    return;
  }
  log_again_ = now + kLogEvery;
  const std::string others =
      not_logged_ == 0 ? "" : absl::StrCat(" (and ", not_logged_, " others since the last line)");
  not_logged_ = 0;
  Logger("front_door")->warn("from={} refused: {}{}", address, std::string(sentence), others);
}

}  // namespace homeport
