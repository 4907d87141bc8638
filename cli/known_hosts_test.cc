#include "cli/known_hosts.h"

#include <string>

#include "gtest/gtest.h"

namespace homeport {
namespace {

constexpr char kKey[] = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA";

TEST(KnownHostsTest, LinesAreWhatSshLooksFor) {
  EXPECT_EQ(*KnownHostsLine("127.0.0.1", 2222, kKey),
            "[127.0.0.1]:2222 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA");
  EXPECT_EQ(*KnownHostsLine("Homeport.Example", 22, kKey),
            "homeport.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA");
  EXPECT_EQ(*KnownHostsLine("::1", 2222, kKey), "[::1]:2222 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA");
}

TEST(KnownHostsTest, HostsThatWouldMeanSomethingElseAreRefused) {
  for (const char* bad : {"", "*", "a,b", "!a", "a b", "#a", "@revoked", "a\nb", "|1|x", "-a"}) {
    EXPECT_EQ(KnownHostsLine(bad, 22, kKey).status().code(), absl::StatusCode::kInvalidArgument)
        << bad;
  }
  EXPECT_FALSE(KnownHostsLine("a", 0, kKey).ok());
  EXPECT_FALSE(KnownHostsLine("a", 65536, kKey).ok());
}

TEST(KnownHostsTest, KeysThatCarryMoreThanAKeyAreRefused) {
  for (const char* bad : {"", "ssh-ed25519", "ssh-ed25519 ", "ssh-ed25519 AAAA\n* ssh-ed25519 BBBB",
                          "ssh-ed25519 AAAA comment", "ssh ed25519 \x1b"}) {
    EXPECT_EQ(KnownHostsLine("a", 22, bad).status().code(), absl::StatusCode::kInternal) << bad;
  }
}

}  // namespace
}  // namespace homeport
