// A ticket lets one tunnel in, once. Whoever has another, or had one, gets nothing; and who steals
// one in time has to be the workspace all the same.
#include "base/tunnel_preamble.h"
#include "gmock/gmock.h"
#include "tests/integration/private_sshd.h"
#include "tests/integration/recording_relay.h"
#include "tests/integration/tcp_connection.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class Tickets : public Story {
 protected:
  void SetUp() override {
    world_.SetListenAddress("tunnel", tunnel_port_);
    world_.sshproxy_flags = {"--tunnel_address", relay_.address()};
    relay_.SetTarget(tunnel_port_);
    Story::SetUp();
  }

  // What a stranger with this preamble gets: the connection closed, and not one byte.
  void ExpectRefused(const std::string& preamble) {
    TcpConnection stranger(tunnel_port_);
    ASSERT_TRUE(stranger.connected());
    stranger.Send(preamble);
    stranger.Send("SSH-2.0-Stranger\r\n");
    EXPECT_TRUE(stranger.WaitUntilClosed(absl::Seconds(5))) << "the tunnel was let in";
    EXPECT_EQ(stranger.received(), "");
  }

  double Refused() { return TunnelsCounted("bad_ticket"); }
  double TunnelsCounted(const std::string& result) {
    return world_.Metric(world_.address("sshproxy_ops"),
                         "homeport_sshproxy_tunnels_total{result=\"" + result + "\"}");
  }

  const std::string tunnel_port_ = "127.0.0.1:" + FreePort();
  RecordingRelay relay_;
};

TEST_F(Tickets, AreGoodOnce) {
  const auto session = world_.LiveSession({"dev"});
  ASSERT_THAT(relay_.preambles(), SizeIs(1));
  const std::string used = relay_.preambles()[0];
  ExpectRefused(used);
  ExpectRefused(used);
  world_.Say(*session, "not disturbed");
  session->CloseInput();
  EXPECT_EQ(session->WaitToEnd().status, 0);
  ExpectRefused(used);
  EXPECT_EQ(Refused(), 3);
}

TEST_F(Tickets, ThatNobodyGaveOutAreRefused) {
  ExpectRefused(EncodeTunnelPreamble({1, std::string(kTicketBytes, '\0')}));
  ExpectRefused(EncodeTunnelPreamble({2, std::string(kTicketBytes, 'x')}));
  EXPECT_EQ(world_.Ssh({"dev", "echo in"}).out, "in\n");
  std::string nearly = relay_.preambles().at(0);
  nearly.back() ^= 1;
  ExpectRefused(nearly);
  EXPECT_EQ(Refused(), 3);
}

TEST_F(Tickets, DoNotMakeAnotherServerTheWorkspace) {
  if (!World::WhyNoBox().empty()) GTEST_SKIP() << World::WhyNoBox();
  // The thief's server would even let demo in.
  const std::string thief =
      PrivateSshd(world_.Path("thief-sshd"))
          .Start(world_.service("sshd"), world_.Homeport({"keys", "show", "demo"}).out);
  relay_.DivertTo(thief);
  const Result result = world_.Ssh({"dev", "echo never"});
  EXPECT_EQ(result.status, 255);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err,
              HasSubstr("The workspace showed a host key that its agent did not report."));
  relay_.DivertTo("");
  EXPECT_EQ(world_.Ssh({"dev", "echo in"}).out, "in\n");
}

TEST_F(Tickets, DoNotMakeAnotherWorkspaceTheOneThatIsMeant) {
  if (!World::WhyNoBox().empty()) GTEST_SKIP() << World::WhyNoBox();
  // box is demo's too: its server is known, and would let demo in.
  ASSERT_NO_FATAL_FAILURE(world_.StartBox());
  EXPECT_EQ(world_.Ssh({"box", "echo in box"}).out, "in box\n");
  relay_.DivertTo(world_.address("sshd"));
  const Result result = world_.Ssh({"dev", "echo never"});
  EXPECT_EQ(result.status, 255);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err,
              HasSubstr("The workspace showed a host key that its agent did not report."));
}

}  // namespace
}  // namespace homeport::story
