#include "tests/integration/tcp_connection.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

namespace homeport::story {
namespace {

bool Ready(int fd, short events, absl::Duration limit) {
  pollfd entry = {fd, events, 0};
  return poll(&entry, 1, static_cast<int>(std::max<int64_t>(0, absl::ToInt64Milliseconds(limit)))) >
         0;
}

}  // namespace

TcpConnection::TcpConnection(const std::string& address) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(address, ':');
  sockaddr_in target = {};
  int port = 0;
  if (!absl::SimpleAtoi(parts.second, &port)) return;
  target.sin_family = AF_INET;
  target.sin_port = htons(static_cast<uint16_t>(port));
  inet_pton(AF_INET, parts.first.c_str(), &target.sin_addr);
  UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (connect(socket.get(), reinterpret_cast<sockaddr*>(&target), sizeof(target)) == 0) {
    fcntl(socket.get(), F_SETFL, O_NONBLOCK);
    socket_ = std::move(socket);
  }
}

void TcpConnection::Send(absl::string_view bytes, absl::Duration limit) {
  const absl::Time deadline = absl::Now() + limit;
  while (!bytes.empty() && Ready(socket_.get(), POLLOUT, deadline - absl::Now())) {
    const ssize_t n = send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n > 0) {
      bytes.remove_prefix(static_cast<size_t>(n));
    } else if (errno != EAGAIN && errno != EINTR) {
      return;
    }
  }
}

void TcpConnection::FinishSending() { shutdown(socket_.get(), SHUT_WR); }

bool TcpConnection::Receive(absl::Duration limit) {
  if (!Ready(socket_.get(), POLLIN, limit)) return false;
  std::array<char, 65536> bytes;
  const ssize_t n = recv(socket_.get(), bytes.data(), bytes.size(), 0);
  if (n > 0) received_.append(bytes.data(), static_cast<size_t>(n));
  if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) closed_ = true;
  return true;
}

bool TcpConnection::WaitUntilClosed(absl::Duration limit) {
  const absl::Time deadline = absl::Now() + limit;
  while (!closed_) {
    if (!Receive(deadline - absl::Now()) && absl::Now() >= deadline) return false;
  }
  return true;
}

bool TcpConnection::WaitForBytes(absl::Duration limit) {
  const absl::Time deadline = absl::Now() + limit;
  while (received_.empty() && !closed_) {
    if (!Receive(deadline - absl::Now()) && absl::Now() >= deadline) return false;
  }
  return true;
}

std::string FreePort() {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  const UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size);
  getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return std::to_string(ntohs(address.sin_port));
}

HttpAnswer HttpGet(const std::string& address, const std::string& path) {
  TcpConnection connection(address);
  if (!connection.connected()) return {};
  connection.Send(absl::StrCat("GET ", path, " HTTP/1.0\r\nHost: ", address, "\r\n\r\n"));
  connection.WaitUntilClosed(absl::Seconds(10));
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(connection.received(), absl::MaxSplits("\r\n\r\n", 1));
  const std::vector<std::string> first =
      absl::StrSplit(parts.first.substr(0, parts.first.find('\r')), ' ');
  HttpAnswer answer{0, parts.second};
  if (first.size() >= 2 && !absl::SimpleAtoi(first[1], &answer.status)) answer.status = 0;
  return answer;
}

}  // namespace homeport::story
