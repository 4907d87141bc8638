#include "tests/integration/recording_relay.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/tunnel_preamble.h"
#include "gtest/gtest.h"
#include "tests/integration/tcp_connection.h"

namespace homeport::story {
namespace {

void SendAll(int fd, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
}

}  // namespace

RecordingRelay::RecordingRelay() {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  listener_.Reset(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(listen(listener_.get(), 64), 0);
  getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
  address_ = absl::StrCat("127.0.0.1:", ntohs(address.sin_port));
  int ends[2] = {-1, -1};
  EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
  stop_read_.Reset(ends[0]);
  stop_write_.Reset(ends[1]);
  thread_ = std::thread([this] { Run(); });
}

RecordingRelay::~RecordingRelay() {
  stop_write_.Reset();
  thread_.join();
}

void RecordingRelay::SetTarget(const std::string& target) {
  absl::MutexLock lock(&mutex_);
  target_ = target;
}

void RecordingRelay::DivertTo(const std::string& address) {
  absl::MutexLock lock(&mutex_);
  divert_to_ = address;
}

std::vector<std::string> RecordingRelay::preambles() {
  absl::MutexLock lock(&mutex_);
  return preambles_;
}

void RecordingRelay::Accept() {
  UniqueFd agent(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  std::array<char, kTunnelPreambleBytes> bytes;
  if (recv(agent.get(), bytes.data(), bytes.size(), MSG_WAITALL) !=
      static_cast<ssize_t>(bytes.size())) {
    return;
  }
  std::string target;
  std::string divert_to;
  {
    absl::MutexLock lock(&mutex_);
    preambles_.emplace_back(bytes.data(), bytes.size());
    target = target_;
    divert_to = divert_to_;
  }
  UniqueFd proxy = TcpConnection(target).TakeSocket();
  SendAll(proxy.get(), {bytes.data(), bytes.size()});
  UniqueFd robbed;
  if (!divert_to.empty()) {
    robbed = std::move(agent);
    agent = TcpConnection(divert_to).TakeSocket();
  }
  for (const int fd : {proxy.get(), agent.get()}) fcntl(fd, F_SETFL, 0);  // blocking, to be simple
  pairs_.push_back({std::move(agent), std::move(proxy), std::move(robbed)});
}

void RecordingRelay::Pass(Pair& pair, int from, int to) {
  std::array<char, 65536> bytes;
  const ssize_t n = recv(from, bytes.data(), bytes.size(), 0);
  if (n > 0) {
    SendAll(to, {bytes.data(), static_cast<size_t>(n)});
  } else {
    pair.over = true;
  }
}

void RecordingRelay::Run() {
  for (;;) {
    std::vector<pollfd> fds = {{stop_read_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
    for (const Pair& pair : pairs_) {
      fds.push_back({pair.from.get(), POLLIN, 0});
      fds.push_back({pair.to.get(), POLLIN, 0});
    }
    poll(fds.data(), fds.size(), -1);
    if (fds[0].revents != 0) return;
    size_t at = 2;
    for (Pair& pair : pairs_) {
      if (fds[at++].revents != 0) Pass(pair, pair.from.get(), pair.to.get());
      if (fds[at++].revents != 0) Pass(pair, pair.to.get(), pair.from.get());
    }
    pairs_.remove_if([](const Pair& pair) { return pair.over; });
    if (fds[1].revents != 0) Accept();
  }
}

}  // namespace homeport::story
