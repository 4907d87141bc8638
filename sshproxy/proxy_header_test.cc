#include "sshproxy/proxy_header.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace homeport {
namespace {

constexpr absl::string_view kSignature("\r\n\r\n\0\r\nQUIT\n", 12);

// A header of version 2.
std::string Binary(uint8_t command, uint8_t family, const std::string& rest) {
  const std::string fixed = {static_cast<char>(command), static_cast<char>(family),
                             static_cast<char>(rest.size() >> 8),
                             static_cast<char>(rest.size() & 0xff)};
  return absl::StrCat(kSignature, fixed, rest);
}

const std::string kTcp4Addresses("\xc0\x00\x02\x07\x0a\x00\x00\x01\xff\xfe\x00\x16", 12);
const std::string kTcp6Addresses(
    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"
    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x30\x39\x08\xae",
    36);

struct Read {
  std::string client;
  std::string server;
};

// What is read of the header with the client's first bytes behind it, and that nothing less of it
// will do.
void ExpectHeader(const std::string& header, const Read& want) {
  SCOPED_TRACE(header);
  for (size_t size = 0; size < header.size(); ++size) {
    const auto part = ReadProxyHeader(absl::string_view(header).substr(0, size));
    ASSERT_TRUE(part.ok()) << size << ": " << part.status();
    EXPECT_FALSE(part->has_value()) << size;
  }
  const auto read = ReadProxyHeader(absl::StrCat(header, "SSH-2.0-Client\r\n"));
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_TRUE(read->has_value());
  EXPECT_EQ((*read)->size, header.size());
  EXPECT_EQ((*read)->client_address, want.client);
  EXPECT_EQ((*read)->server_address, want.server);
}

TEST(ProxyHeaderTest, VersionOneSaysWhoComes) {
  ExpectHeader("PROXY TCP4 192.0.2.7 10.0.0.1 65534 22\r\n", {"192.0.2.7:65534", "10.0.0.1:22"});
  ExpectHeader("PROXY TCP6 2001:db8::7 2001:db8::1 12345 2222\r\n",
               {"[2001:db8::7]:12345", "[2001:db8::1]:2222"});
  ExpectHeader("PROXY UNKNOWN\r\n", {"", ""});
  ExpectHeader("PROXY UNKNOWN ffff:f...f:ffff what ever 1 2\r\n", {"", ""});
}

TEST(ProxyHeaderTest, VersionTwoSaysWhoComes) {
  ExpectHeader(Binary(0x21, 0x11, kTcp4Addresses), {"192.0.2.7:65534", "10.0.0.1:22"});
  ExpectHeader(Binary(0x21, 0x21, kTcp6Addresses), {"[2001:db8::7]:12345", "[2001:db8::1]:2222"});
  ExpectHeader(Binary(0x21, 0x11,
                      kTcp4Addresses + std::string("\x03\x00\x04"
                                                   "crc!",
                                                   7)),
               {"192.0.2.7:65534", "10.0.0.1:22"});
  ExpectHeader(Binary(0x20, 0x00, ""), {"", ""});
  ExpectHeader(Binary(0x20, 0x11, kTcp4Addresses), {"", ""});
  ExpectHeader(Binary(0x21, 0x00, "whatever"), {"", ""});
  ExpectHeader(Binary(0x20, 0x00, std::string(kLongestProxyHeader - 16, 'x')), {"", ""});
}

TEST(ProxyHeaderTest, WhatIsNoHeaderIsRefusedAtItsFirstWrongByte) {
  const std::string no_headers[] = {
      "SSH-2.0-Client\r\n",
      "PROXZ",
      "\r\n\r\n\r",
      "proxy TCP4",
      "PROXY TCP4 192.0.2.7 10.0.0.1 65534 22\n" + std::string(80, 'x'),
      "PROXY " + std::string(101, 'x'),
      "PROXY UDP4 192.0.2.7 10.0.0.1 65534 22\r\n",
      "PROXY TCP4 2001:db8::7 2001:db8::1 1 2\r\n",
      "PROXY TCP6 192.0.2.7 10.0.0.1 1 2\r\n",
      "PROXY TCP4 192.0.2.7 10.0.0.1 65536 22\r\n",
      "PROXY TCP4 192.0.2.7 10.0.0.1 -1 22\r\n",
      "PROXY TCP4 192.0.2.7 10.0.0.1 +1 22\r\n",
      "PROXY TCP4 192.0.2.7 10.0.0.1 01 22\r\n",
      "PROXY TCP4 192.0.2.7 10.0.0.1 1  22\r\n",
      "PROXY TCP4 192.0.2.7 10.0.0.1 1 \r\n",
      "PROXY TCP4 192.0.2.7 10.0.0.1 1\r\n",
      "PROXY TCP4 192.0.2.7 10.0.0.1 1 2 3\r\n",
      "PROXY TCP4 host.example 10.0.0.1 1 2\r\n",
      "PROXY  TCP4 192.0.2.7 10.0.0.1 1 2\r\n",
      "PROXY \r\n",
      Binary(0x11, 0x11, kTcp4Addresses),
      Binary(0x22, 0x11, kTcp4Addresses),
      Binary(0x21, 0x12, kTcp4Addresses),
      Binary(0x21, 0x31, std::string(216, 'x')),
      Binary(0x21, 0x11, kTcp4Addresses.substr(1)),
      Binary(0x21, 0x21, kTcp6Addresses.substr(1)),
      Binary(0x21, 0x11, std::string(kLongestProxyHeader - 15, 'x')).substr(0, 16),
  };
  for (const std::string& bytes : no_headers) EXPECT_FALSE(ReadProxyHeader(bytes).ok()) << bytes;
}

}  // namespace
}  // namespace homeport
