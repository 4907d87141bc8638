#include "agent/session_endpoints.h"

#include "gtest/gtest.h"

namespace homeport::agent {
namespace {

TEST(SessionEndpointsTest, AddressesAreTakenAsSshdWritesThem) {
  const auto ipv4 = ParseEndpoints("192.0.2.1:1234", "198.51.100.7:22");
  ASSERT_TRUE(ipv4.has_value());
  EXPECT_EQ(ipv4->client.host, "192.0.2.1");
  EXPECT_EQ(ipv4->client.port, 1234);
  EXPECT_EQ(ipv4->server.host, "198.51.100.7");
  EXPECT_EQ(ipv4->server.port, 22);
  const auto ipv6 = ParseEndpoints("[2001:db8::1]:1234", "[::ffff:192.0.2.9]:22");
  ASSERT_TRUE(ipv6.has_value());
  EXPECT_EQ(ipv6->client.host, "2001:db8::1");
  EXPECT_EQ(ipv6->server.host, "192.0.2.9");
  const auto local = ParseEndpoints("[fe80::1%eth0]:1", "[::1]:22");
  ASSERT_TRUE(local.has_value());
  EXPECT_EQ(local->client.host, "fe80::1");
}

TEST(SessionEndpointsTest, NamesAndGarbageAreNot) {
  for (const char* odd : {"", "192.0.2.1", "localhost:22", "192.0.2.1:0", "192.0.2.1:65536",
                          "192.0.2.1 x:22", "[::1\n]:22", "[%x]:22", ":22"}) {
    EXPECT_FALSE(ParseEndpoints(odd, "192.0.2.1:22").has_value()) << odd;
    EXPECT_FALSE(ParseEndpoints("192.0.2.1:22", odd).has_value()) << odd;
  }
}

}  // namespace
}  // namespace homeport::agent
