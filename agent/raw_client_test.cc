// What the real ssh does not send, or not to a server that is no OpenSSH: packets made by hand.

#include <csignal>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "agent/embedded_server_fixture.h"
#include "base/address.h"
#include "base/file.h"
#include "base/ssh_wire.h"
#include "base/test_key.h"
#include "gmock/gmock.h"
#include "ssh/client_transport.h"
#include "ssh/message_numbers.h"

namespace homeport::agent {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(30);
constexpr uint32_t kWindow = 1 << 20;

class RawClientTest : public EmbeddedServerFixture, public ssh::ClientTransport::ClientHandler {
 protected:
  // Signs in and opens a session channel; the server's channel is 0.
  void SetUp() override {
    EmbeddedServerFixture::SetUp();
    auto socket = homeport::Connect(absl::StrCat("127.0.0.1:", port()), kPatience);
    ASSERT_TRUE(socket.ok());
    OnLoop([&] {
      server().SetOwnerKeys({key_.PublicBlob()});
      ssh::ClientTransport::Options options;
      options.user = "tester";
      options.public_blob = key_.PublicBlob();
      options.identification = "OpenSSH_9.9";  // as one that knows eow@openssh.com
      auto transport = ssh::ClientTransport::Create(loop(), *std::move(socket), options, *this);
      ASSERT_TRUE(transport.ok()) << transport.status();
      transport_ = *std::move(transport);
    });
    Await("sign-in");
    Send(WireWriter()
             .Byte(ssh::kChannelOpen)
             .String("session")
             .Uint32(7)
             .Uint32(kWindow)
             .Uint32(32768)
             .bytes());
    Await("91");
  }
  void TearDown() override {
    OnLoop([&] { transport_.reset(); });
    EmbeddedServerFixture::TearDown();
  }

  void OnSignatureWanted(const std::string&, const std::string& to_sign) override {
    transport_->ProvideSignature(key_.Sign(to_sign));
  }
  void OnSignedIn() override { Note("sign-in"); }
  bool OnPacket(absl::string_view payload) override {
    WireReader reader(payload);
    const int number = reader.Byte();
    reader.Uint32();  // our channel
    absl::MutexLock lock(&mutex_);
    if (number == ssh::kChannelData) {
      output_ += std::string(reader.String());
    } else if (number == ssh::kChannelRequest) {
      const std::string type(reader.String());
      reader.Bool();
      seen_.push_back(absl::StrCat(
          type, " ", type == "exit-status" ? absl::StrCat(reader.Uint32()) : reader.String()));
    } else {
      seen_.push_back(absl::StrCat(number));
    }
    return true;
  }
  void OnOutputDrained() override {}
  void OnClosed(const absl::Status&) override { Note("closed"); }

  void Note(const std::string& what) {
    absl::MutexLock lock(&mutex_);
    seen_.push_back(what);
  }
  void Send(const std::string& packet) {
    OnLoop([&] { transport_->Send(packet); });
  }
  void SendData(const std::string& data) {
    Send(WireWriter().Byte(ssh::kChannelData).Uint32(0).String(data).bytes());
  }
  void Request(const std::string& type, const std::string& payload, bool want_reply = true) {
    Send(WireWriter()
             .Byte(ssh::kChannelRequest)
             .Uint32(0)
             .String(type)
             .Bool(want_reply)
             .Raw(payload)
             .bytes());
  }
  void Exec(const std::string& command) { Request("exec", WireWriter().String(command).bytes()); }
  // Waits for the next thing that is not data, and says if it is another.
  void Await(const std::string& what) {
    absl::MutexLock lock(&mutex_);
    const auto there = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return seen_.size() > awaited_;
    };
    ASSERT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&there), kPatience)) << what;
    EXPECT_EQ(seen_[awaited_++], what);
  }
  // Waits for the next so many things, which come in any order: a process's end and its output's
  // are two events.
  void AwaitAll(std::multiset<std::string> wanted) {
    absl::MutexLock lock(&mutex_);
    const auto there = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return seen_.size() >= awaited_ + wanted.size();
    };
    ASSERT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&there), kPatience)) << *wanted.begin();
    const auto first = seen_.begin() + static_cast<std::ptrdiff_t>(awaited_);
    awaited_ += wanted.size();
    EXPECT_THAT(std::vector<std::string>(first, first + static_cast<std::ptrdiff_t>(wanted.size())),
                ::testing::UnorderedElementsAreArray(wanted));
  }
  std::string output() {
    absl::MutexLock lock(&mutex_);
    return output_;
  }

  const TestKey key_{"ssh-ed25519"};
  std::unique_ptr<ssh::ClientTransport> transport_;
  absl::Mutex mutex_;
  std::vector<std::string> seen_ ABSL_GUARDED_BY(mutex_);
  size_t awaited_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string output_ ABSL_GUARDED_BY(mutex_);
};

constexpr char kSuccess[] = "99";
constexpr char kFailure[] = "100";
constexpr char kEof[] = "96";
constexpr char kClose[] = "97";
constexpr char kEndOfWrite[] = "eow@openssh.com ";

TEST_F(RawClientTest, ReplyComesBeforeOutputAndExitBeforeEofBeforeClose) {
  Exec("echo hello; sleep 0.1; exit 3");
  Await(kSuccess);
  AwaitAll({kEof, "exit-status 3", kEndOfWrite});
  Await(kClose);
  EXPECT_EQ(output(), "hello\n");
}

TEST_F(RawClientTest, OneProcessAChannel) {
  Exec("cat");
  Await(kSuccess);
  Exec("cat");
  Await(kFailure);
  Request("shell", "");
  Await(kFailure);
  Request("pty-req", WireWriter().String("xterm").Raw(std::string(16, '\0')).String("").bytes());
  Await(kFailure);
}

TEST_F(RawClientTest, MalformedAndUnknownRequestsFailAndTheChannelLives) {
  Request("exec", "\1");
  Await(kFailure);
  Request("exec", WireWriter().String(std::string("true\0x", 6)).bytes());
  Await(kFailure);
  Request("pty-req", "");
  Await(kFailure);
  Request("window-change", std::string(16, '\0'));
  Await(kFailure);
  Request("env", WireWriter().String("LD_PRELOAD").String("x").bytes());
  Await(kFailure);
  Request("env", WireWriter().String("LC_A").String("x").bytes());
  Await(kSuccess);
  Request("x11-req", "");
  Await(kFailure);
  Request("auth-agent-req@openssh.com", "x");
  Await(kFailure);
  Exec("echo $LC_A");
  Await(kSuccess);
  AwaitAll({kEof, "exit-status 0", kEndOfWrite});
  EXPECT_EQ(output(), "x\n");
}

TEST_F(RawClientTest, ASignalReachesTheWholeProcessGroup) {
  Exec("trap 'echo got-it; exit 5' TERM; touch $HOME/ready; sleep 50 & wait");
  Await(kSuccess);
  AwaitOrFail("the trap", [&] { return ReadFile(folder() + "/ready").ok(); });
  Request("signal", WireWriter().String("NOSUCH").bytes());
  Await(kFailure);
  Request("signal", WireWriter().String("TERM").bytes());
  Await(kSuccess);
  // The sleep is gone too, or it would hold the output.
  AwaitAll({kEof, "exit-status 5", kEndOfWrite});
  EXPECT_EQ(output(), "got-it\n");
}

TEST_F(RawClientTest, DeathBySignalHasItsName) {
  Exec("kill -USR1 $$");
  Await(kSuccess);
  AwaitAll({kEof, "exit-signal USR1", kEndOfWrite});
  Await(kClose);
}

TEST_F(RawClientTest, TheExitIsToldWhileOthersHoldTheOutput) {
  Exec("sleep 50 & echo $! > $HOME/sleeper; echo last words; exit 4");
  Await(kSuccess);
  Await("exit-status 4");
  Await(kEndOfWrite);
  EXPECT_EQ(output(), "last words\n");
  Request("signal", WireWriter().String("TERM").bytes());
  Await(kFailure);  // the process is gone: its number may be another's
  AwaitOrFail("its number", [&] { return !ReadFile(folder() + "/sleeper").value_or("").empty(); });
  int sleeper = 0;
  ASSERT_TRUE(absl::SimpleAtoi(*ReadFile(folder() + "/sleeper"), &sleeper));
  kill(sleeper, SIGTERM);
  Await(kEof);
  Await(kClose);
}

TEST_F(RawClientTest, ACommandThatReadsNoMoreSaysSo) {
  Exec("exec <&-; touch $HOME/closed; until [ -e $HOME/go ]; do /bin/sleep 0.05; done");
  Await(kSuccess);
  AwaitOrFail("closed input", [&] { return ReadFile(folder() + "/closed").ok(); });
  SendData("nobody reads this");
  Await(kEndOfWrite);
  for (int i = 0; i < 70; ++i) SendData(std::string(32768, 'x'));  // more than a window
  ASSERT_TRUE(WriteFileAtomically(folder() + "/go", "", 0600).ok());
  // The window came back for what nobody read.
  for (int i = 0; i < 8; ++i) Await("93");
  AwaitAll({kEof, "exit-status 0"});
}

TEST_F(RawClientTest, WhatWasSentBeforeTheCloseReachesTheCommand) {
  Exec("until [ -e $HOME/go ]; do sleep 0.05; done; cat > $HOME/got");
  Await(kSuccess);
  for (int i = 0; i < 32; ++i) SendData(std::string(32768, 'x'));
  Send(WireWriter().Byte(ssh::kChannelEof).Uint32(0).bytes());
  Send(WireWriter().Byte(ssh::kChannelClose).Uint32(0).bytes());
  ASSERT_TRUE(WriteFileAtomically(folder() + "/go", "", 0600).ok());
  Await("exit-status 0");
  Await(kClose);
  AwaitOrFail("all of it", [&] {
    return ReadFile(folder() + "/got", 64 << 20).value_or("").size() == 32u * 32768u;
  });
}

TEST_F(RawClientTest, AClientThatClosesFirstHearsHowTheCommandEnds) {
  Exec("exec >&- 2>&-; until [ -e $HOME/go ]; do sleep 0.05; done; exit 3");
  Await(kSuccess);
  Await(kEof);
  Send(WireWriter().Byte(ssh::kChannelEof).Uint32(0).bytes());
  Send(WireWriter().Byte(ssh::kChannelClose).Uint32(0).bytes());
  ASSERT_TRUE(WriteFileAtomically(folder() + "/go", "", 0600).ok());
  Await("exit-status 3");
  Await(kClose);
}

TEST_F(RawClientTest, GlobalRequestsAreAnsweredAsSshdAnswers) {
  const auto ask = [&](const std::string& name, const std::string& payload, bool want_reply) {
    Send(WireWriter().Byte(ssh::kGlobalRequest).String(name).Bool(want_reply).Raw(payload).bytes());
  };
  const std::string any_port = WireWriter().String("localhost").Uint32(0).bytes();
  ask("keepalive@openssh.com", "", true);
  Await("82");
  ask("tcpip-forward", any_port, false);  // nobody would learn the port
  ask("tcpip-forward", any_port, true);
  Await("81");
  ask("tcpip-forward", WireWriter().String("").Uint32(65536).bytes(), true);
  Await("82");
  ask("cancel-tcpip-forward", any_port, true);
  Await("82");
  ask("cancel-streamlocal-forward@openssh.com", WireWriter().String("/none").bytes(), true);
  Await("82");
  for (const std::string& path :
       {std::string(), std::string("/x\0y", 4), std::string("/") + std::string(200, 'x')}) {
    ask("streamlocal-forward@openssh.com", WireWriter().String(path).bytes(), true);
    Await("82");
  }
  ask("no-more-sessions@openssh.com", "", true);
  Await("81");
  Send(WireWriter()
           .Byte(ssh::kChannelOpen)
           .String("session")
           .Uint32(8)
           .Uint32(kWindow)
           .Uint32(32768)
           .bytes());
  Await("closed");
}

TEST_F(RawClientTest, AMalformedForwardEndsTheConnection) {
  Send(WireWriter().Byte(ssh::kGlobalRequest).String("tcpip-forward").Bool(true).Raw("x").bytes());
  Await("closed");
}

TEST_F(RawClientTest, DataBeforeTheCommandIsItsInput) {
  SendData("early ");
  Exec("cat");
  Await(kSuccess);
  SendData("late");
  Send(WireWriter().Byte(ssh::kChannelEof).Uint32(0).bytes());
  AwaitAll({kEof, "exit-status 0"});
  EXPECT_EQ(output(), "early late");
}

TEST_F(RawClientTest, EndOfWriteClosesTheProcessesOutput) {
  Exec("trap 'touch $HOME/broken' PIPE; cat /dev/zero; exit 6");
  Await(kSuccess);
  AwaitOrFail("a full window", [&] { return output().size() == kWindow; });
  Request("eow@openssh.com", "", /*want_reply=*/false);
  Send(WireWriter().Byte(ssh::kChannelEof).Uint32(0).bytes());
  AwaitOrFail("the command to end", [&] {
    size_t left = 1;
    OnLoop([&] { left = reaper().size(); });
    return left == 0;
  });
}

TEST_F(RawClientTest, MoreThanTheWindowEndsTheConnection) {
  Exec("sleep 50");
  Await(kSuccess);
  for (int i = 0; i < 80; ++i) SendData(std::string(32768, 'x'));
  Await("closed");
  AwaitOrFail("the connection gone", [&] { return server().connections() == 0; });
}

TEST_F(RawClientTest, CloseWhileTheProcessRunsHangsUp) {
  Request("pty-req", WireWriter().String("xterm").Raw(std::string(16, '\0')).String("").bytes());
  Await(kSuccess);
  Exec("sleep 50");
  Await(kSuccess);
  Request("break", WireWriter().Uint32(500).bytes());
  Await(kSuccess);
  Send(WireWriter().Byte(ssh::kChannelClose).Uint32(0).bytes());
  Await("exit-signal HUP");
  Await(kClose);
  AwaitOrFail("the process to end", [&] {
    size_t left = 1;
    OnLoop([&] { left = reaper().size(); });
    return left == 0;
  });
}

}  // namespace
}  // namespace homeport::agent
