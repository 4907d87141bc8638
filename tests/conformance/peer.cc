#include "tests/conformance/peer.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace homeport::story {
namespace {

constexpr absl::Duration kLimit = absl::Seconds(20);
constexpr size_t kMostPending = 1 << 20;

struct SocketAddress {
  sockaddr_storage storage = {};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

SocketAddress UnixAddress(const std::string& path) {
  SocketAddress address;
  auto* target = reinterpret_cast<sockaddr_un*>(&address.storage);
  EXPECT_LT(path.size(), sizeof(target->sun_path)) << path;
  target->sun_family = AF_UNIX;
  strncpy(target->sun_path, path.c_str(), sizeof(target->sun_path) - 1);
  address.size = sizeof(*target);
  return address;
}

SocketAddress Parse(const std::string& text) {
  if (absl::StartsWith(text, "/")) return UnixAddress(text);
  SocketAddress address;
  int port = 0;
  EXPECT_TRUE(absl::SimpleAtoi(text.substr(text.rfind(':') + 1), &port)) << text;
  if (absl::StartsWith(text, "[::1]")) {
    auto* target = reinterpret_cast<sockaddr_in6*>(&address.storage);
    target->sin6_family = AF_INET6;
    target->sin6_port = htons(static_cast<uint16_t>(port));
    target->sin6_addr = in6addr_loopback;
    address.size = sizeof(*target);
  } else {
    auto* target = reinterpret_cast<sockaddr_in*>(&address.storage);
    target->sin_family = AF_INET;
    target->sin_port = htons(static_cast<uint16_t>(port));
    target->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.size = sizeof(*target);
  }
  return address;
}

bool TryAgain() { return errno == EAGAIN || errno == EINTR; }

}  // namespace

Peer::Peer(const std::string& address) {
  const SocketAddress target = Parse(address);
  UniqueFd socket(::socket(target.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (connect(socket.get(), target.get(), target.size) != 0) return;
  fcntl(socket.get(), F_SETFL, O_NONBLOCK);
  socket_ = std::move(socket);
}

bool Peer::Move(absl::string_view* to_send, absl::Duration limit) {
  const bool sending = to_send != nullptr && !to_send->empty();
  pollfd entry = {socket_.get(), static_cast<short>((sending ? POLLOUT : 0) | POLLIN), 0};
  if (ended_) entry.events &= ~POLLIN;
  const int64_t timeout = std::max<int64_t>(0, absl::ToInt64Milliseconds(limit));
  if (poll(&entry, 1, static_cast<int>(timeout)) <= 0) return false;
  if ((entry.revents & (POLLIN | POLLHUP)) != 0 && !ended_) {
    std::array<char, 65536> bytes;
    const ssize_t n = recv(socket_.get(), bytes.data(), bytes.size(), 0);
    if (n > 0) received_.append(bytes.data(), static_cast<size_t>(n));
    if (n == 0 || (n < 0 && !TryAgain())) ended_ = true;
  }
  if (sending && (entry.revents & (POLLOUT | POLLERR)) != 0) {
    const ssize_t n = send(socket_.get(), to_send->data(), to_send->size(), MSG_NOSIGNAL);
    if (n < 0 && !TryAgain()) return false;
    if (n > 0) to_send->remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

void Peer::Send(absl::string_view bytes) {
  while (!bytes.empty()) {
    if (!Move(&bytes, kLimit)) {
      ADD_FAILURE() << bytes.size() << " bytes were not taken";
      return;
    }
  }
}

void Peer::FinishSending() { shutdown(socket_.get(), SHUT_WR); }

std::string Peer::Receive(size_t size) {
  const absl::Time deadline = absl::Now() + kLimit;
  while (received_.size() < size && !ended_ && Move(nullptr, deadline - absl::Now())) {
  }
  std::string taken = received_.substr(0, size);
  received_.erase(0, taken.size());
  return taken;
}

std::string Peer::ReceiveToEnd() {
  while (!ended_ && Move(nullptr, kLimit)) {
  }
  EXPECT_TRUE(ended_) << "the other side did not end; " << received_.size() << " bytes came";
  return std::exchange(received_, "");
}

std::string Exchange(const std::string& address, absl::string_view bytes) {
  Peer peer(address);
  if (!peer.connected()) {
    ADD_FAILURE() << "nobody listens at " << address;
    return "";
  }
  peer.Send(bytes);
  peer.FinishSending();
  return peer.ReceiveToEnd();
}

bool Listens(const std::string& address) { return Peer(address).connected(); }

EchoServer::EchoServer(const std::string& address) : address_(address) {
  const SocketAddress wanted = Parse(address);
  listener_.Reset(socket(wanted.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  EXPECT_EQ(bind(listener_.get(), wanted.get(), wanted.size), 0) << address;
  EXPECT_EQ(listen(listener_.get(), 256), 0);
  if (address == "127.0.0.1:0") {
    sockaddr_in own = {};
    socklen_t size = sizeof(own);
    getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&own), &size);
    address_ = absl::StrCat("127.0.0.1:", ntohs(own.sin_port));
  }
  int ends[2] = {-1, -1};
  EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
  stop_read_.Reset(ends[0]);
  stop_write_.Reset(ends[1]);
  thread_ = std::thread([this] { Run(); });
}

EchoServer::~EchoServer() {
  stop_write_.Reset();
  thread_.join();
  if (absl::StartsWith(address_, "/")) unlink(address_.c_str());
}

void EchoServer::Serve(Connection& connection, int events) {
  const int fd = connection.socket.get();
  if ((events & (POLLIN | POLLHUP)) != 0 && !connection.ended) {
    std::array<char, 65536> bytes;
    const ssize_t n = recv(fd, bytes.data(), bytes.size(), 0);
    if (n > 0) connection.pending.append(bytes.data(), static_cast<size_t>(n));
    if (n == 0 || (n < 0 && !TryAgain())) connection.ended = true;
  }
  if (!connection.pending.empty()) {
    const ssize_t n = send(fd, connection.pending.data(), connection.pending.size(), MSG_NOSIGNAL);
    if (n > 0) connection.pending.erase(0, static_cast<size_t>(n));
    if (n < 0 && !TryAgain()) connection.over = true;
  }
  if (connection.ended && connection.pending.empty()) connection.over = true;
}

void EchoServer::Run() {
  for (;;) {
    std::vector<pollfd> fds = {{stop_read_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
    for (const Connection& connection : served_) {
      const bool room = !connection.ended && connection.pending.size() < kMostPending;
      const int events = (room ? POLLIN : 0) | (connection.pending.empty() ? 0 : POLLOUT);
      fds.push_back({connection.socket.get(), static_cast<short>(events), 0});
    }
    poll(fds.data(), fds.size(), -1);
    if (fds[0].revents != 0) return;
    size_t at = 2;
    for (Connection& connection : served_) {
      if (const int events = fds[at++].revents; events != 0) Serve(connection, events);
    }
    served_.remove_if([](const Connection& connection) { return connection.over; });
    if (fds[1].revents != 0) {
      UniqueFd accepted(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      if (!accepted.valid()) continue;
      ++connections_;
      served_.push_back({std::move(accepted), "", false, false});
    }
  }
}

}  // namespace homeport::story
