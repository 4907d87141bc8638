#include "agent/sftp/descriptor_pump.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "agent/sftp/sftp_server_fixture.h"
#include "base/unique_fd.h"

namespace homeport::agent::sftp {
namespace {

constexpr int kPatienceMilliseconds = 30000;

// A server on one end of a socket; the test has the other.
class DescriptorPumpTest : public SftpServerFixture {
 protected:
  void SetUp() override {
    SftpServerFixture::SetUp();
    signal(SIGPIPE, SIG_IGN);  // as the process does
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    client_.Reset(ends[0]);
    server_end_.Reset(ends[1]);
    thread_ = std::thread([this] {
      ByteBuffer input(2 * SftpServer::kLeastBufferBytes);
      ByteBuffer output(2 * SftpServer::kLeastBufferBytes);
      SftpServer server(files_, accounts_, {}, output);
      result_ = DescriptorPump(server_end_.get(), server_end_.get(), server, input, output).Run();
      server_end_.Reset();
    });
    Send(Packet(kInit, 3, ""));
  }
  void TearDown() override {
    client_.Reset();
    if (thread_.joinable()) thread_.join();
    SftpServerFixture::TearDown();
  }

  // Sends as much as is taken while the server has nothing left to do; returns how much.
  size_t Send(absl::string_view bytes) {
    size_t sent = 0;
    while (sent < bytes.size()) {
      const ssize_t size =
          send(client_.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (size <= 0) break;
      sent += static_cast<size_t>(size);
    }
    return sent;
  }
  // The next packet without its length; empty at the end of the stream.
  std::string Receive() {
    std::string length = ReceiveExactly(4);
    if (length.empty()) return "";
    return ReceiveExactly(WireReader(length).Uint32());
  }
  std::string ReceiveExactly(size_t size) {
    std::string bytes(size, '\0');
    size_t got = 0;
    while (got < size) {
      pollfd wait = {client_.get(), POLLIN, 0};
      EXPECT_EQ(poll(&wait, 1, kPatienceMilliseconds), 1) << "waited in vain for a reply";
      const ssize_t more = recv(client_.get(), bytes.data() + got, size - got, 0);
      if (more <= 0) return "";
      got += static_cast<size_t>(more);
    }
    return bytes;
  }
  void CloseInput() { shutdown(client_.get(), SHUT_WR); }
  absl::Status Result() {
    thread_.join();
    return result_;
  }

  UniqueFd client_;

 private:
  UniqueFd server_end_;
  PosixFileSystem files_;
  SystemAccounts accounts_;
  absl::Status result_;
  std::thread thread_;
};

TEST_F(DescriptorPumpTest, AnswersEverythingThatWasAskedBeforeTheEnd) {
  EXPECT_EQ(Receive()[0], kVersion);
  std::string requests;
  for (uint32_t id = 0; id < 500; ++id) requests += Packet(kStat, id, PathField("."));
  ASSERT_EQ(Send(requests), requests.size());
  CloseInput();
  for (uint32_t id = 0; id < 500; ++id) {
    const std::string reply = Receive();
    ASSERT_EQ(reply[0], kAttrsReply);
    EXPECT_EQ(WireReader(absl::string_view(reply).substr(1)).Uint32(), id);
  }
  EXPECT_EQ(Receive(), "");
  EXPECT_TRUE(Result().ok());
}

TEST_F(DescriptorPumpTest, AClientThatDoesNotReadIsNotReadFrom) {
  EXPECT_EQ(Receive()[0], kVersion);
  MakeFile("f", std::string(200000, 'x'));
  WireWriter open;
  open.String("f").Uint32(kOpenRead).Uint32(0);
  Send(Packet(kOpen, 1, open.bytes()));
  const std::string reply = Receive();
  const std::string handle(WireReader(absl::string_view(reply).substr(5)).String());
  const std::string request =
      Packet(kRead, 2, WireWriter().String(handle).Uint64(0).Uint32(200000).bytes());
  // More requests than the buffers and the socket hold: in the end no more are taken.
  std::string requests;
  for (int i = 0; i < 1000; ++i) requests += request;
  size_t sent = 0;
  pollfd wait = {client_.get(), POLLOUT, 0};
  while (poll(&wait, 1, 500) == 1 && sent < size_t{100} << 20) {
    const size_t in_request = sent % requests.size();
    sent += Send(absl::string_view(requests).substr(in_request));
  }
  EXPECT_LT(sent, size_t{8} << 20);
  // And all that was taken is answered once the client reads.
  for (size_t i = 0; i < sent / request.size(); ++i) {
    ASSERT_EQ(Receive().size(), 200000u + 9);
  }
}

TEST_F(DescriptorPumpTest, EndsWhenTheClientLeaves) {
  Send(Packet(kRealpath, 1, PathField(".")));
  client_.Reset();
  EXPECT_TRUE(Result().ok());
}

TEST_F(DescriptorPumpTest, EndsWhenTheClientLeavesRepliesUnread) {
  // The server's first words are there, and nobody takes them.
  pollfd wait = {client_.get(), POLLIN, 0};
  ASSERT_EQ(poll(&wait, 1, 30000), 1);
  client_.Reset();
  EXPECT_TRUE(Result().ok());
}

TEST_F(DescriptorPumpTest, SaysWhatWasWrongAfterAnsweringWhatWasRight) {
  EXPECT_EQ(Receive()[0], kVersion);
  Send(Packet(kStat, 7, PathField(".")) + "not a packet");
  EXPECT_EQ(Receive()[0], kAttrsReply);
  EXPECT_EQ(Receive(), "");
  EXPECT_FALSE(Result().ok());
}

}  // namespace
}  // namespace homeport::agent::sftp
