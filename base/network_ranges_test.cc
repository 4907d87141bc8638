#include "base/network_ranges.h"

#include <gtest/gtest.h>

namespace homeport {
namespace {

bool Contains(const char* list, const char* address) {
  const auto ranges = NetworkRanges::Parse(list);
  EXPECT_TRUE(ranges.ok()) << list;
  const auto parsed = ParseIpAddress(address);
  EXPECT_TRUE(parsed.has_value()) << address;
  return ranges->Contains(*parsed);
}

TEST(NetworkRangesTest, ARangeHasWhatItsBitsSay) {
  EXPECT_TRUE(Contains("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(Contains("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(Contains("192.0.2.128/25", "192.0.2.255"));
  EXPECT_FALSE(Contains("192.0.2.128/25", "192.0.2.127"));
  EXPECT_TRUE(Contains("192.0.2.1", "192.0.2.1"));
  EXPECT_FALSE(Contains("192.0.2.1", "192.0.2.2"));
  EXPECT_TRUE(Contains("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(Contains("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_TRUE(Contains("::1", "::1"));
  EXPECT_TRUE(Contains("10.0.0.0/8, 2001:db8::/32", "2001:db8::5"));
}

TEST(NetworkRangesTest, IPv4IsTheSameMapped) {
  EXPECT_TRUE(Contains("10.0.0.0/8", "::ffff:10.1.2.3"));
  EXPECT_TRUE(Contains("::ffff:10.0.0.0/104", "10.1.2.3"));
  EXPECT_TRUE(Contains("0.0.0.0/0", "203.0.113.9"));
  EXPECT_FALSE(Contains("0.0.0.0/0", "2001:db8::1")) << "all of IPv4 is not all of IPv6";
  EXPECT_TRUE(Contains("::/0", "203.0.113.9"));
}

TEST(NetworkRangesTest, NothingIsInNoRange) {
  EXPECT_TRUE(NetworkRanges::Parse("")->empty());
  EXPECT_FALSE(Contains("", "127.0.0.1"));
}

TEST(NetworkRangesTest, WhatIsNoRangeIsNamed) {
  for (const char* bad : {"10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0/8", "::/129", "host",
                          "10.0.0.0/8,nonsense", "10.0.0.0/8/8", "1.2.3.4:22"}) {
    const auto ranges = NetworkRanges::Parse(bad);
    EXPECT_FALSE(ranges.ok()) << bad;
    EXPECT_NE(ranges.status().message().find("is no range of addresses"), std::string::npos);
  }
}

TEST(NetworkRangesTest, AZoneIsPassedOver) {
  EXPECT_TRUE(Contains("fe80::/10", "fe80::1%eth0"));
  EXPECT_FALSE(ParseIpAddress("%eth0").has_value());
}

}  // namespace
}  // namespace homeport
