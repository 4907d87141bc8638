#include "base/tunnel_preamble.h"

#include <gtest/gtest.h>

namespace homeport {
namespace {

TEST(TunnelPreambleTest, RoundTrip) {
  const TunnelPreamble preamble{2, std::string(kTicketBytes, 't')};
  const std::string bytes = EncodeTunnelPreamble(preamble);
  ASSERT_EQ(bytes.size(), kTunnelPreambleBytes);
  const auto decoded = DecodeTunnelPreamble(bytes);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->backend, 2);
  EXPECT_EQ(decoded->ticket, preamble.ticket);
}

TEST(TunnelPreambleTest, SaysWhatIsWrong) {
  std::string bytes = EncodeTunnelPreamble({1, std::string(kTicketBytes, 't')});
  EXPECT_EQ(DecodeTunnelPreamble("GET / HTTP/1.1").status().message(), "not a tunnel preamble");
  EXPECT_FALSE(DecodeTunnelPreamble("").ok());
  EXPECT_FALSE(DecodeTunnelPreamble(bytes + "x").ok());
  EXPECT_FALSE(DecodeTunnelPreamble(bytes.substr(0, bytes.size() - 1)).ok());
  std::string version = bytes;
  version[8] = 9;
  EXPECT_EQ(DecodeTunnelPreamble(version).status().message(),
            "tunnel preamble has version 9; this proxy speaks version 1");
  std::string backend = bytes;
  backend[9] = 3;
  EXPECT_EQ(DecodeTunnelPreamble(backend).status().message(),
            "tunnel preamble names backend 3; known are 1 and 2");
}

}  // namespace
}  // namespace homeport
