#include "agent/splice_relay.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/times.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <future>
#include <string>
#include <thread>

#include "absl/time/clock.h"
#include "base/address.h"
#include "gtest/gtest.h"

namespace homeport::agent {
namespace {

constexpr size_t kBulkBytes = 64 << 20;
constexpr absl::Duration kPatience = absl::Seconds(30);

// A TCP connection: our end blocking, the relay's not.
void MakePair(UniqueFd& ours, UniqueFd& relays) {
  auto listener = Listen("127.0.0.1:0");
  ASSERT_TRUE(listener.ok());
  auto connected = Connect(LocalAddress(listener->get()), kPatience);
  ASSERT_TRUE(connected.ok());
  pollfd ready = {listener->get(), POLLIN, 0};
  ASSERT_EQ(poll(&ready, 1, 10000), 1);
  relays.Reset(accept4(listener->get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  ours = *std::move(connected);
  fcntl(ours.get(), F_SETFL, fcntl(ours.get(), F_GETFL) & ~O_NONBLOCK);
  const timeval patience = {30, 0};
  setsockopt(ours.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  setsockopt(ours.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
}

// A stream of bytes in which each differs from its neighbours and every offset is recognisable.
char ByteAt(size_t offset) { return static_cast<char>((offset * 2654435761u) >> 13 ^ offset); }

void SendBulk(int fd, size_t bytes) {
  std::string piece(100000, '\0');
  for (size_t sent = 0; sent < bytes;) {
    const size_t size = std::min(piece.size(), bytes - sent);
    for (size_t i = 0; i < size; ++i) piece[i] = ByteAt(sent + i);
    for (size_t done = 0; done < size;) {
      const ssize_t n = send(fd, piece.data() + done, size - done, MSG_NOSIGNAL);
      ASSERT_GT(n, 0) << strerror(errno);
      done += static_cast<size_t>(n);
    }
    sent += size;
  }
}

void ReceiveBulk(int fd, size_t bytes) {
  std::string piece(100000, '\0');
  for (size_t received = 0; received < bytes;) {
    const ssize_t n = recv(fd, piece.data(), piece.size(), 0);
    ASSERT_GT(n, 0) << "after " << received << " bytes: " << strerror(errno);
    for (size_t i = 0; i < static_cast<size_t>(n); ++i) {
      ASSERT_EQ(piece[i], ByteAt(received + i)) << "at byte " << received + i;
    }
    received += static_cast<size_t>(n);
  }
}

void ExpectEnd(int fd) {
  char byte;
  EXPECT_EQ(recv(fd, &byte, 1, 0), 0);
}

class SpliceRelayTest : public ::testing::Test {
 protected:
  void SetUp() override {
    signal(SIGPIPE, SIG_IGN);
    UniqueFd relay_a;
    UniqueFd relay_b;
    MakePair(a_, relay_a);
    MakePair(b_, relay_b);
    auto relay = SpliceRelay::Create(loop_, std::move(relay_a), std::move(relay_b),
                                     [this](const absl::Status& status) {
                                       relay_.reset();
                                       over_.set_value(status);
                                     });
    ASSERT_TRUE(relay.ok()) << relay.status();
    relay_ = *std::move(relay);
    thread_ = std::thread([this] { loop_.Run(); });
  }
  void TearDown() override {
    loop_.Stop();
    thread_.join();
  }
  bool IsOver(absl::Duration patience) {
    return status_.wait_for(absl::ToChronoMilliseconds(patience)) == std::future_status::ready;
  }
  absl::Status AwaitStatus() {
    EXPECT_TRUE(IsOver(kPatience));
    return IsOver(absl::ZeroDuration()) ? status_.get() : absl::UnknownError("it goes on");
  }

  EventLoop loop_;
  UniqueFd a_;
  UniqueFd b_;
  std::unique_ptr<SpliceRelay> relay_;
  std::promise<absl::Status> over_;
  std::future<absl::Status> status_ = over_.get_future();
  std::thread thread_;
};

TEST_F(SpliceRelayTest, BytesAreExactBothWaysAtOnce) {
  std::thread send_a([&] { SendBulk(a_.get(), kBulkBytes); });
  std::thread send_b([&] { SendBulk(b_.get(), kBulkBytes); });
  std::thread receive_a([&] { ReceiveBulk(a_.get(), kBulkBytes); });
  ReceiveBulk(b_.get(), kBulkBytes);
  for (std::thread* thread : {&send_a, &send_b, &receive_a}) thread->join();
  shutdown(a_.get(), SHUT_WR);
  ExpectEnd(b_.get());
  EXPECT_FALSE(IsOver(absl::ZeroDuration()));
  shutdown(b_.get(), SHUT_WR);
  ExpectEnd(a_.get());
  EXPECT_TRUE(AwaitStatus().ok());
}

TEST_F(SpliceRelayTest, AfterOneSidesEndTheOtherMayGoOn) {
  SendBulk(a_.get(), 1000);
  shutdown(a_.get(), SHUT_WR);
  ReceiveBulk(b_.get(), 1000);
  ExpectEnd(b_.get());
  std::thread sender([&] {
    SendBulk(b_.get(), kBulkBytes);
    shutdown(b_.get(), SHUT_WR);
  });
  ReceiveBulk(a_.get(), kBulkBytes);
  ExpectEnd(a_.get());
  sender.join();
  EXPECT_TRUE(AwaitStatus().ok());
}

TEST_F(SpliceRelayTest, AResetEndsBothSidesAfterTheLastBytes) {
  SendBulk(a_.get(), 100000);
  const linger abort = {1, 0};
  ReceiveBulk(b_.get(), 1000);  // the relay has seen some of it
  ASSERT_EQ(setsockopt(a_.get(), SOL_SOCKET, SO_LINGER, &abort, sizeof(abort)), 0);
  a_.Reset();
  EXPECT_FALSE(AwaitStatus().ok());
  // What had been sent may arrive; then it is over.
  char scrap[4096];
  ssize_t n = 1;
  while (n > 0) n = recv(b_.get(), scrap, sizeof(scrap), 0);
  EXPECT_TRUE(n == 0 || errno == ECONNRESET) << strerror(errno);
}

TEST_F(SpliceRelayTest, AResetIsNoticedWhileTheOtherSideDoesNotRead) {
  fcntl(a_.get(), F_SETFL, fcntl(a_.get(), F_GETFL) | O_NONBLOCK);
  const std::string piece(65536, 'x');
  absl::Time blocked_since = absl::Now();
  while (absl::Now() - blocked_since < absl::Milliseconds(300)) {
    if (send(a_.get(), piece.data(), piece.size(), MSG_NOSIGNAL) > 0) blocked_since = absl::Now();
  }
  const linger abort = {1, 0};
  setsockopt(a_.get(), SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
  a_.Reset();
  EXPECT_FALSE(AwaitStatus().ok());  // b never reads
}

TEST_F(SpliceRelayTest, AStoppedReaderStopsTheWriterAndCostsNoTime) {
  fcntl(a_.get(), F_SETFL, fcntl(a_.get(), F_GETFL) | O_NONBLOCK);
  const std::string piece(65536, 'x');
  size_t taken = 0;
  absl::Time blocked_since = absl::Now();
  while (absl::Now() - blocked_since < absl::Milliseconds(300)) {
    const ssize_t n = send(a_.get(), piece.data(), piece.size(), MSG_NOSIGNAL);
    if (n > 0) {
      taken += static_cast<size_t>(n);
      blocked_since = absl::Now();
    }
    ASSERT_LT(taken, kBulkBytes) << "nobody stops the writer";
  }
  // What is under way from the writer comes to the relay's socket, but not through: then the
  // writer's end is announced, and with the other end the socket is hung up. That must not turn the
  // loop while the reader is stopped.
  size_t received = 0;
  char scrap[65536];
  int unsent = 1;
  while (ioctl(a_.get(), SIOCOUTQ, &unsent) == 0 && unsent > 0) {
    const ssize_t n = recv(b_.get(), scrap, 4096, 0);
    ASSERT_GT(n, 0) << strerror(errno);
    received += static_cast<size_t>(n);
  }
  shutdown(a_.get(), SHUT_RDWR);
  shutdown(b_.get(), SHUT_WR);
  const absl::Time deadline = absl::Now() + kPatience;
  tcp_info info = {};
  do {
    ASSERT_LT(absl::Now(), deadline) << "the writer's end does not arrive";
    absl::SleepFor(absl::Milliseconds(10));
    socklen_t size = sizeof(info);
    ASSERT_EQ(getsockopt(a_.get(), IPPROTO_TCP, TCP_INFO, &info, &size), 0);
  } while (info.tcpi_state == TCP_ESTABLISHED || info.tcpi_state == TCP_FIN_WAIT1 ||
           info.tcpi_state == TCP_FIN_WAIT2);
  ASSERT_LT(received, taken) << "nothing is left that could block";
  tms before = {};
  times(&before);
  const absl::Time until = absl::Now() + absl::Seconds(1);
  while (absl::Now() < until) absl::SleepFor(absl::Milliseconds(50));
  tms after = {};
  times(&after);
  const clock_t ticks = after.tms_utime + after.tms_stime - before.tms_utime - before.tms_stime;
  EXPECT_LT(ticks, sysconf(_SC_CLK_TCK) / 4) << "the loop turns while nothing happens";
  for (ssize_t n = 1; n > 0; received += static_cast<size_t>(n)) {
    n = recv(b_.get(), scrap, sizeof(scrap), 0);
    ASSERT_GE(n, 0) << strerror(errno);
  }
  EXPECT_EQ(received, taken);
}

}  // namespace
}  // namespace homeport::agent
