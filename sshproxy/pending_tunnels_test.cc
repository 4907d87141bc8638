#include "sshproxy/pending_tunnels.h"

#include <gtest/gtest.h>

namespace homeport {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'000'000);

TEST(PendingTunnelsTest, ATicketOpensOneTunnelOnce) {
  PendingTunnels tunnels;
  int received = 0;
  const std::string ticket = tunnels.Expect(kNow + absl::Seconds(30), [&](UniqueFd, int backend) {
    ++received;
    EXPECT_EQ(backend, 2);
  });
  EXPECT_EQ(ticket.size(), 32u);
  UniqueFd none;
  EXPECT_TRUE(tunnels.Claim(ticket, none, 2, kNow));
  EXPECT_FALSE(tunnels.Claim(ticket, none, 2, kNow));
  EXPECT_EQ(received, 1);
}

TEST(PendingTunnelsTest, AnExpiredTicketIsWorthNothing) {
  PendingTunnels tunnels;
  const std::string ticket =
      tunnels.Expect(kNow, [](UniqueFd, int) { FAIL() << "the ticket had expired"; });
  UniqueFd none;
  EXPECT_FALSE(tunnels.Claim(ticket, none, 1, kNow + absl::Seconds(1)));
  EXPECT_EQ(tunnels.size(), 0u);
}

TEST(PendingTunnelsTest, UnknownAndForgottenTicketsAreRefused) {
  PendingTunnels tunnels;
  const std::string ticket =
      tunnels.Expect(kNow + absl::Seconds(30), [](UniqueFd, int) { FAIL() << "it was forgotten"; });
  tunnels.Forget(ticket);
  UniqueFd none;
  EXPECT_FALSE(tunnels.Claim(ticket, none, 1, kNow));
  EXPECT_FALSE(tunnels.Claim(std::string(32, 'x'), none, 1, kNow));
}

TEST(PendingTunnelsTest, TicketsDiffer) {
  PendingTunnels tunnels;
  const auto ignore = [](UniqueFd, int) {};
  EXPECT_NE(tunnels.Expect(kNow, ignore), tunnels.Expect(kNow, ignore));
}

}  // namespace
}  // namespace homeport
