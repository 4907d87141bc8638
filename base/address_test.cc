#include "base/address.h"

#include <gtest/gtest.h>

namespace homeport {
namespace {

TEST(AddressTest, ParsesAndFormats) {
  for (const char* text : {"localhost:22", "127.0.0.1:0", "[::1]:65535", ":8443"}) {
    const auto parsed = ParseHostPort(text);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(FormatHostPort(*parsed), text);
  }
}

TEST(AddressTest, NamesWhatIsWrong) {
  for (const char* text :
       {"localhost", "localhost:", "localhost:x", "localhost:65536", "::1:22", "h:-1"}) {
    EXPECT_EQ(ParseHostPort(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(AddressTest, ConnectsToWhatListens) {
  const auto listener = Listen("127.0.0.1:0");
  ASSERT_TRUE(listener.ok()) << listener.status();
  const auto socket = Connect(LocalAddress(listener->get()), absl::Seconds(5));
  ASSERT_TRUE(socket.ok()) << socket.status();
  EXPECT_EQ(PeerAddress(socket->get()), LocalAddress(listener->get()));
}

TEST(AddressTest, ARefusedConnectionIsUnavailable) {
  std::string address;
  {
    const auto listener = Listen("127.0.0.1:0");
    ASSERT_TRUE(listener.ok());
    address = LocalAddress(listener->get());
  }
  EXPECT_EQ(Connect(address, absl::Seconds(5)).status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace homeport
