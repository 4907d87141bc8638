// What goes into ssh at one end comes out at the other: all of it, in order, in both directions at
// once, with every cipher, through new keys, and however quickly a command is over.
#include <fcntl.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "gmock/gmock.h"
#include "tests/integration/wait_for.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

using ::testing::EndsWith;

constexpr int64_t kMebibyte = 1 << 20;
constexpr absl::Duration kStandstill = absl::Seconds(20);

// An endless sequence of bytes in which each is known by its position.
class KnownBytes {
 public:
  int64_t position() const { return position_; }
  void Next(char* bytes, size_t size) {
    while (size > 0) {
      const uint64_t word = Word(static_cast<uint64_t>(position_) / 8);
      const size_t skip = static_cast<size_t>(position_ % 8);
      const size_t n = std::min(size, 8 - skip);
      memcpy(bytes, reinterpret_cast<const char*>(&word) + skip, n);
      bytes += n;
      size -= n;
      position_ += static_cast<int64_t>(n);
    }
  }

 private:
  // The finalizer of MurmurHash3: cheap, and no two places look alike.
  static uint64_t Word(uint64_t x) {
    x = (x + 1) * 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdu;
    x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53u;
    return x ^ (x >> 33);
  }
  int64_t position_ = 0;
};

// Sends known bytes to `cat` and holds what comes back against them.
class Echo {
 public:
  Echo(Conversation& cat, int64_t size)
      : size_(size), input_(cat.TakeInput()), output_(cat.TakeOutput()) {
    fcntl(input_.get(), F_SETPIPE_SZ, kMebibyte);
    fcntl(output_.get(), F_SETPIPE_SZ, kMebibyte);
  }

  void Run() {
    while (output_.valid()) {
      std::array<pollfd, 2> fds = {pollfd{input_.get(), POLLOUT, 0},
                                   pollfd{output_.get(), POLLIN, 0}};
      const int timeout = static_cast<int>(absl::ToInt64Milliseconds(kStandstill));
      ASSERT_GT(poll(fds.data(), fds.size(), timeout), 0)
          << "nothing moves; sent " << taken_ << " and got " << returned_.position();
      if (fds[0].revents != 0) Send();
      if (fds[1].revents != 0) Receive();
      if (testing::Test::HasFatalFailure()) return;
    }
    EXPECT_EQ(returned_.position(), size_) << "bytes came back";
  }

 private:
  void Send() {
    if (pending_.empty()) {
      pending_.resize(static_cast<size_t>(std::min<int64_t>(256 << 10, size_ - sent_.position())));
      sent_.Next(pending_.data(), pending_.size());
    }
    const ssize_t n = write(input_.get(), pending_.data(), pending_.size());
    if (n > 0) {
      pending_.erase(0, static_cast<size_t>(n));
      taken_ += n;
    }
    if (taken_ == size_ || (n < 0 && errno != EAGAIN)) input_.Reset();
  }

  void Receive() {
    const ssize_t n = read(output_.get(), got_.data(), got_.size());
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
      output_.Reset();
      return;
    }
    const int64_t start = returned_.position();
    returned_.Next(expected_.data(), static_cast<size_t>(n));
    ASSERT_EQ(memcmp(got_.data(), expected_.data(), static_cast<size_t>(n)), 0)
        << "wrong bytes somewhere in the " << n << " that follow byte " << start;
  }

  const int64_t size_;
  UniqueFd input_;
  UniqueFd output_;
  KnownBytes sent_;
  KnownBytes returned_;
  int64_t taken_ = 0;
  std::string pending_;
  std::array<char, 256 << 10> got_;
  std::array<char, 256 << 10> expected_;
};

class EveryByteArrives : public StoryOfBoth {
 protected:
  // There and back again; returns what ssh said.
  Result EchoThrough(Words options, int64_t size) {
    options.insert(options.end(), {workspace(), "cat"});
    const auto cat = world_.TalkSsh(options);
    auto echo = std::make_unique<Echo>(*cat, size);
    echo->Run();
    return cat->WaitToEnd();
  }
};
HOMEPORT_STORY_OF_BOTH(EveryByteArrives);

TEST_P(EveryByteArrives, InBothDirectionsAtOnce) {
  const char* large = getenv("HOMEPORT_TEST_LARGE");
  const int64_t size = large != nullptr && *large == '1' ? 1024 : 256;
  EXPECT_EQ(EchoThrough({}, size * kMebibyte).status, 0);
}

TEST_P(EveryByteArrives, WithEachCipher) {
  for (const char* cipher : {"aes128-gcm@openssh.com", "aes256-gcm@openssh.com",
                             "chacha20-poly1305@openssh.com", "aes128-ctr"}) {
    SCOPED_TRACE(cipher);
    EXPECT_EQ(EchoThrough({"-c", cipher}, 8 * kMebibyte).status, 0);
  }
}

TEST_P(EveryByteArrives, ThroughNewKeys) {
  const Result result = EchoThrough({"-v", "-o", "RekeyLimit=16M"}, 64 * kMebibyte);
  EXPECT_EQ(result.status, 0);
  int exchanges = 0;
  for (size_t at = 0; (at = result.err.find("SSH2_MSG_NEWKEYS sent", at)) != std::string::npos;
       ++at) {
    ++exchanges;
  }
  EXPECT_GE(exchanges, 4) << "new keys were agreed on";
}

TEST_P(EveryByteArrives, ThoughTheCommandIsOverAtOnce) {
  std::string expected;
  for (int i = 1; i <= 5000; ++i) absl::StrAppend(&expected, i, "\n");
  for (int i = 0; i < 30; ++i) {
    const Result result = world_.Ssh({workspace(), "seq 5000; echo last >&2"});
    ASSERT_EQ(result.out, expected) << "in round " << i << ": " << result.err;
    // What the account's start files say may stand before it.
    ASSERT_THAT(result.err, EndsWith("last\n")) << "in round " << i;
    ASSERT_EQ(result.status, 0);
  }
}

TEST_P(EveryByteArrives, ThoughTheReaderComesWhenTheCommandIsOver) {
  // More than ssh's window of 2 MiB and a small pipe hold, but no more than the command's own pipe
  // takes besides: the command ends while its last bytes are still in the workspace.
  constexpr int kSmallPipe = 4096;
  constexpr int64_t kSize = 2 * kMebibyte + kSmallPipe + (32 << 10);
  const std::string pid_file = world_.Path("pid");
  const std::string command =
      absl::StrCat("echo $$ >", pid_file, "; exec head -c ", kSize, " /dev/zero");
  Conversation ssh(world_.SshCommand({workspace(), command}), kSmallPipe);
  int pid = -1;
  ASSERT_TRUE(WaitFor(
      [&] { return absl::SimpleAtoi(ReadFile(pid_file).value_or(""), &pid) && !IsAlive(pid); },
      absl::Seconds(20), "the end of the command"));
  const Result result = ssh.WaitToEnd();
  EXPECT_EQ(static_cast<int64_t>(result.out.size()), kSize);
  EXPECT_EQ(result.status, 0);
}

TEST_P(EveryByteArrives, AndSoDoesTheEndOfTheInput) {
  const Result result = world_.Ssh({workspace(), "wc -c"}, std::string(1000003, 'x'));
  EXPECT_EQ(result.out, "1000003\n") << result.err;
  EXPECT_EQ(world_.Ssh({workspace(), "wc -c"}).out, "0\n");
}

}  // namespace
}  // namespace homeport::story
