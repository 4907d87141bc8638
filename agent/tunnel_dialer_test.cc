// Tunnels to a proxy that the test plays. The fixture's server is the "OpenSSH" at a port, and a
// second one is the embedded server.
#include "agent/tunnel_dialer.h"

#include <poll.h>
#include <sys/socket.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "agent/embedded_server_fixture.h"
#include "base/address.h"
#include "base/tunnel_preamble.h"
#include "gmock/gmock.h"

namespace homeport::agent {
namespace {

using ::testing::HasSubstr;

class TunnelDialerTest : public EmbeddedServerFixture {
 protected:
  void SetUp() override {
    EmbeddedServerFixture::SetUp();
    auto listener = Listen("127.0.0.1:0");
    ASSERT_TRUE(listener.ok());
    proxy_ = *std::move(listener);
  }

  std::string OpenSsh() { return absl::StrCat("127.0.0.1:", port()); }
  // A port at which nothing listens.
  static std::string Nowhere() {
    auto listener = Listen("127.0.0.1:0");
    return LocalAddress(listener->get());
  }

  void Build(Backends::Choice choice, const std::string& openssh_address, size_t max_tunnels = 4) {
    Backends::Options backends;
    backends.choice = choice;
    backends.openssh_address = openssh_address;
    backends.embedded_host_keys = server().host_keys();
    backends.patience.greeting = greeting_patience_;
    OnLoop([&] {
      backends_ = std::make_unique<Backends>(loop(), pool_, backends,
                                             [this](const v1::AgentStatus& status) {
                                               absl::MutexLock lock(&mutex_);
                                               statuses_.push_back(status);
                                               events_.push_back("status");
                                             });
      TunnelDialer::Options options;
      options.max_tunnels = max_tunnels;
      options.on_result = [this](const v1::DialResult& result) {
        absl::MutexLock lock(&mutex_);
        results_.push_back(result);
        events_.push_back("result");
      };
      dialer_ =
          std::make_unique<TunnelDialer>(loop(), pool_, *backends_, server(), std::move(options));
    });
  }

  v1::Dial MakeDial(const std::string& session) {
    v1::Dial dial;
    dial.set_session_id(session);
    dial.set_address(LocalAddress(proxy_.get()));
    dial.set_ticket(std::string(kTicketBytes, 't'));
    dial.mutable_expire_time()->set_seconds(absl::ToUnixSeconds(absl::Now()) + 30);
    return dial;
  }
  void Send(const v1::Dial& dial) {
    OnLoop([&] { dialer_->Dial(dial); });
  }
  v1::DialResult AwaitResult(size_t number = 1) {
    v1::DialResult result;
    AwaitOrFail("the dial's result", [&] {
      absl::MutexLock lock(&mutex_);
      if (results_.size() < number) return false;
      result = results_[number - 1];
      return true;
    });
    return result;
  }
  UniqueFd AcceptTunnel() {
    pollfd ready = {proxy_.get(), POLLIN, 0};
    EXPECT_EQ(poll(&ready, 1, 30000), 1) << "no tunnel came";
    UniqueFd socket(accept4(proxy_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    const timeval patience = {30, 0};
    setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    return socket;
  }
  static std::string Receive(int fd, size_t bytes) {
    std::string received(bytes, '\0');
    const ssize_t n = recv(fd, received.data(), bytes, MSG_WAITALL);
    received.resize(n < 0 ? 0 : static_cast<size_t>(n));
    return received;
  }
  // Checks that the tunnel leads to an SSH server of that kind.
  void ExpectTunnelTo(int backend, int fd) {
    const auto preamble = DecodeTunnelPreamble(Receive(fd, kTunnelPreambleBytes));
    ASSERT_TRUE(preamble.ok()) << preamble.status();
    EXPECT_EQ(preamble->backend, backend);
    EXPECT_EQ(preamble->ticket, std::string(kTicketBytes, 't'));
    EXPECT_EQ(Receive(fd, 8), "SSH-2.0-");
  }
  void AwaitNoTunnels() {
    AwaitOrFail("the tunnels to be gone", [&] { return dialer_->active() == 0; });
  }

  UniqueFd proxy_;
  absl::Duration greeting_patience_ = absl::Seconds(30);  // the machine may be busy
  absl::Mutex mutex_;
  std::vector<v1::AgentStatus> statuses_ ABSL_GUARDED_BY(mutex_);
  std::vector<v1::DialResult> results_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> events_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<Backends> backends_;
  std::unique_ptr<TunnelDialer> dialer_;
  WorkerPool pool_{2};
};

TEST_F(TunnelDialerTest, ToTheEmbeddedServerWhereNoOpenSshAnswers) {
  Build(Backends::Choice::kAuto, Nowhere());
  Send(MakeDial("s"));
  UniqueFd tunnel = AcceptTunnel();
  ExpectTunnelTo(1, tunnel.get());
  const v1::DialResult result = AwaitResult();
  EXPECT_EQ(result.session_id(), "s");
  EXPECT_EQ(result.error(), "");
  EXPECT_EQ(result.backend(), v1::BACKEND_KIND_EMBEDDED);
  EXPECT_EQ(dialer_->active(), 1u);
  tunnel.Reset();
  AwaitNoTunnels();
}

TEST_F(TunnelDialerTest, ToOpenSshAfterItsHostKeyWasReported) {
  Build(Backends::Choice::kAuto, OpenSsh());
  Send(MakeDial("s"));
  UniqueFd tunnel = AcceptTunnel();
  ExpectTunnelTo(2, tunnel.get());
  EXPECT_EQ(AwaitResult().backend(), v1::BACKEND_KIND_OPENSSH);
  {
    absl::MutexLock lock(&mutex_);
    ASSERT_THAT(events_, ::testing::ElementsAre("status", "result"));
    ASSERT_EQ(statuses_[0].backends_size(), 2);
    EXPECT_EQ(statuses_[0].backends(1).kind(), v1::BACKEND_KIND_OPENSSH);
    EXPECT_EQ(statuses_[0].backends(1).host_keys(0), server().host_keys()[0]);
  }
  tunnel.Reset();
  AwaitNoTunnels();
}

TEST_F(TunnelDialerTest, OpenSshThatIsGoneIsReportedAndTheEmbeddedServerServes) {
  Build(Backends::Choice::kAuto, OpenSsh());
  Send(MakeDial("s"));
  const UniqueFd first = AcceptTunnel();
  AwaitResult();
  // The server at that address stops listening.
  OnLoop([&] { StopListening(); });
  Send(MakeDial("t"));
  const UniqueFd second = AcceptTunnel();
  ExpectTunnelTo(1, second.get());
  absl::MutexLock lock(&mutex_);
  ASSERT_EQ(statuses_.size(), 2u);
  EXPECT_EQ(statuses_[1].backends_size(), 1);
}

// sshd's queue of connections holds 128, and the kernel drops what comes on top.
TEST_F(TunnelDialerTest, AKnownOpenSshWhoseQueueIsFullIsWaitedFor) {
  Build(Backends::Choice::kAuto, OpenSsh());
  Send(MakeDial("s"));
  const UniqueFd first = AcceptTunnel();
  AwaitResult();
  // Another takes its place at that address, with a queue for one, which is full.
  OnLoop([&] { StopListening(); });
  auto crowded = Listen(OpenSsh());
  ASSERT_TRUE(crowded.ok()) << crowded.status();
  ASSERT_EQ(listen(crowded->get(), 0), 0);
  auto in_the_queue = Connect(OpenSsh(), absl::Seconds(10));
  ASSERT_TRUE(in_the_queue.ok()) << in_the_queue.status();
  Send(MakeDial("t"));
  pollfd tunnel_came = {proxy_.get(), POLLIN, 0};
  EXPECT_EQ(poll(&tunnel_came, 1, 1500), 0) << "it was not waited for";
  // It comes to accept.
  std::vector<UniqueFd> accepted;
  pollfd came = {crowded->get(), POLLIN, 0};
  while (accepted.size() < 2 && poll(&came, 1, 30000) == 1) {
    accepted.emplace_back(accept4(crowded->get(), nullptr, nullptr, SOCK_CLOEXEC));
  }
  ASSERT_EQ(accepted.size(), 2u);
  ASSERT_EQ(send(accepted[1].get(), "SSH-2.0-", 8, 0), 8);
  const UniqueFd second = AcceptTunnel();
  ExpectTunnelTo(2, second.get());
}

TEST_F(TunnelDialerTest, APinnedOpenSshThatDoesNotAnswerIsAnError) {
  const std::string address = Nowhere();
  Build(Backends::Choice::kOpenSsh, address);
  Send(MakeDial("s"));
  EXPECT_EQ(AwaitResult().error(),
            absl::StrCat("OpenSSH does not answer at ", address, " in the workspace."));
  EXPECT_EQ(dialer_->active(), 0u);
}

TEST_F(TunnelDialerTest, APinnedEmbeddedServerIgnoresOpenSsh) {
  Build(Backends::Choice::kEmbedded, OpenSsh());
  Send(MakeDial("s"));
  const UniqueFd tunnel = AcceptTunnel();
  ExpectTunnelTo(1, tunnel.get());
}

TEST_F(TunnelDialerTest, AListenerThatIsNoSshServerIsPassedOver) {
  greeting_patience_ = absl::Milliseconds(100);
  auto silent = Listen("127.0.0.1:0");
  ASSERT_TRUE(silent.ok());
  Build(Backends::Choice::kAuto, LocalAddress(silent->get()));
  Send(MakeDial("s"));
  const UniqueFd tunnel = AcceptTunnel();
  ExpectTunnelTo(1, tunnel.get());
}

TEST_F(TunnelDialerTest, AProxyThatCannotBeReachedIsAnError) {
  Build(Backends::Choice::kEmbedded, OpenSsh());
  v1::Dial dial = MakeDial("s");
  dial.set_address(Nowhere());
  Send(dial);
  EXPECT_THAT(AwaitResult().error(), HasSubstr("cannot open its tunnel to the proxy"));
  dial.set_session_id("t");
  dial.set_address("no address");
  Send(dial);
  EXPECT_THAT(AwaitResult(2).error(), HasSubstr("cannot open its tunnel to the proxy"));
  EXPECT_EQ(dialer_->active(), 0u);
}

TEST_F(TunnelDialerTest, AnExpiredOrMisshapenTicketIsRefused) {
  Build(Backends::Choice::kEmbedded, OpenSsh());
  v1::Dial dial = MakeDial("s");
  dial.mutable_expire_time()->set_seconds(absl::ToUnixSeconds(absl::Now()) - 1);
  Send(dial);
  EXPECT_THAT(AwaitResult().error(), HasSubstr("expired"));
  dial = MakeDial("t");
  dial.set_ticket("short");
  Send(dial);
  EXPECT_THAT(AwaitResult(2).error(), HasSubstr("5 bytes"));
}

TEST_F(TunnelDialerTest, ASessionIsDialledOnce) {
  Build(Backends::Choice::kEmbedded, OpenSsh());
  Send(MakeDial("s"));
  Send(MakeDial("s"));
  Send(MakeDial("t"));
  const UniqueFd first = AcceptTunnel();
  const UniqueFd second = AcceptTunnel();
  EXPECT_EQ(AwaitResult(2).error(), "");
  EXPECT_EQ(dialer_->active(), 2u);
}

TEST_F(TunnelDialerTest, ATunnelGoesWithTheKeyThatItsSessionCameWith) {
  Build(Backends::Choice::kOpenSsh, OpenSsh());
  int closed = -1;
  OnLoop([&] { closed = dialer_->SetOwnerKeys({"assigned", "own"}); });
  EXPECT_EQ(closed, 0);
  v1::Dial dial = MakeDial("s");
  dial.set_public_key("own");
  Send(dial);
  const UniqueFd first = AcceptTunnel();
  dial.set_session_id("t");
  dial.set_public_key("assigned");
  Send(dial);
  const UniqueFd second = AcceptTunnel();
  EXPECT_EQ(AwaitResult(2).error(), "");
  ExpectTunnelTo(2, second.get());
  OnLoop([&] { closed = dialer_->SetOwnerKeys({"assigned"}); });
  EXPECT_EQ(closed, 1);
  EXPECT_EQ(dialer_->active(), 1u);
  // The one ends, the other goes on.
  std::string rest(1 << 16, '\0');
  while (recv(first.get(), rest.data(), rest.size(), 0) > 0) {
  }
  EXPECT_EQ(recv(second.get(), rest.data(), rest.size(), MSG_DONTWAIT | MSG_PEEK) == 0, false);

  dial.set_session_id("u");
  dial.set_public_key("own");
  Send(dial);
  EXPECT_EQ(AwaitResult(3).error(), "The key that this session came with was removed.");
}

TEST_F(TunnelDialerTest, SwitchedOffItClosesAllTunnelsAndDialsNone) {
  Build(Backends::Choice::kOpenSsh, OpenSsh());
  Send(MakeDial("s"));
  const UniqueFd tunnel = AcceptTunnel();
  ExpectTunnelTo(2, tunnel.get());
  AwaitResult();
  int closed = 0;
  OnLoop([&] { closed = dialer_->SetExternalConnect(false); });
  EXPECT_GE(closed, 1);
  AwaitNoTunnels();
  Send(MakeDial("t"));
  EXPECT_EQ(AwaitResult(2).error(),
            "SSH is disabled on this workspace: External Connect is off for its provider.");
  OnLoop([&] { dialer_->SetExternalConnect(true); });
  Send(MakeDial("u"));
  const UniqueFd again = AcceptTunnel();
  EXPECT_EQ(AwaitResult(3).error(), "");
}

TEST_F(TunnelDialerTest, ThereIsAMostAndAnEnd) {
  Build(Backends::Choice::kEmbedded, OpenSsh(), /*max_tunnels=*/1);
  Send(MakeDial("s"));
  const UniqueFd tunnel = AcceptTunnel();
  AwaitResult();
  Send(MakeDial("t"));
  EXPECT_EQ(AwaitResult(2).error(), "The workspace has too many connections.");
  OnLoop([&] { dialer_->StopDialing(); });
  Send(MakeDial("u"));
  EXPECT_EQ(AwaitResult(3).error(), "The workspace's agent is stopping.");
}

}  // namespace
}  // namespace homeport::agent
