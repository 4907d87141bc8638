#include "cli/openssh/connection.h"

#include <sys/un.h>

#include <cstdlib>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

v1::FrontDoor FrontDoor(const std::string& address) {
  v1::FrontDoor front_door;
  front_door.set_address(address);
  front_door.add_host_public_keys("ssh-ed25519 AAAAC3Nz");
  return front_door;
}

TEST(ConnectionTest, ThePersonsAddressGoesBeforeTheCoordinators) {
  EXPECT_EQ(FrontDoorAddress(FrontDoor("home.example:2222"), "")->host, "home.example");
  EXPECT_EQ(FrontDoorAddress(FrontDoor("home.example:2222"), "other:3")->port, 3);
  EXPECT_EQ(FrontDoorAddress(FrontDoor("[2001:db8::1]:22"), "")->host, "2001:db8::1");
  EXPECT_EQ(FrontDoorAddress(FrontDoor(""), "").status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(FrontDoorAddress(FrontDoor(""), "nowhere").status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(ConnectionTest, NothingThatSshReadsOtherwiseIsAnAddress) {
  for (const char* bad : {"-oProxyCommand=x:22", "a b:22", "a\nProxyCommand x:22", "a%h:22",
                          "$(x):22", "`x`:22", "a\"b:22", "a;b:22", ":22", "host:0", "host:99999",
                          "host", "[fe80::1%eth0]:22", ".:22", "a\\b:22"}) {
    EXPECT_EQ(FrontDoorAddress(FrontDoor(bad), "").status().code(), absl::StatusCode::kInternal)
        << bad;
  }
}

TEST(ConnectionTest, KeysArePinnedForThePort) {
  EXPECT_EQ(*KnownHostsFile(FrontDoor(""), {"home.example", 2222}),
            "[home.example]:2222 ssh-ed25519 AAAAC3Nz\n");
  EXPECT_EQ(*KnownHostsFile(FrontDoor(""), {"home.example", 22}),
            "home.example ssh-ed25519 AAAAC3Nz\n");
  EXPECT_FALSE(KnownHostsFile(v1::FrontDoor(), {"home.example", 22}).ok());
  v1::FrontDoor evil = FrontDoor("");
  evil.add_host_public_keys("ssh-ed25519 AAAA\n* ssh-ed25519 BBBB");
  EXPECT_EQ(KnownHostsFile(evil, {"home.example", 22}).status().code(),
            absl::StatusCode::kInternal);
}

TEST(ConnectionTest, PathsWithWhatSshExpandsAreRefused) {
  EXPECT_TRUE(CheckPath("/home/a b/.ssh/homeport").ok());
  EXPECT_TRUE(CheckPath("/home/j\xc3\xbcrgen").ok());
  for (const char* bad : {"", "relative", "/a%b", "/a\"b", "/a\nb", "/${HOME}", "/a\\b", "/a'b"}) {
    EXPECT_FALSE(CheckPath(bad).ok()) << bad;
  }
}

TEST(ConnectionTest, ControlSocketsFit) {
  unsetenv("XDG_RUNTIME_DIR");
  EXPECT_EQ(ControlPath("/home/demo/.ssh/homeport"), "/home/demo/.ssh/homeport/%C");
  const std::string longest(sizeof(sockaddr_un::sun_path) - 1 - 17 - 40 - 1, 'x');
  EXPECT_NE(ControlPath(longest), "");
  EXPECT_EQ(ControlPath(longest + "x"), "");
  setenv("XDG_RUNTIME_DIR", "/run/user/1000", 1);
  EXPECT_EQ(ControlPath(longest + "x"), "/run/user/1000/homeport-%C");
}

TEST(ConnectionTest, ALoginNameMeansOneWorkspace) {
  EXPECT_EQ(LoginName("demo", "dev", {"dev", "demo-dev"}), "dev");
  EXPECT_EQ(LoginName("demo", "demo-dev", {"dev", "demo-dev"}), "demo/demo-dev");
  EXPECT_EQ(LoginName("demo", "demo-lab", {"dev", "demo-lab"}), "demo-lab");
}

}  // namespace
}  // namespace homeport
