#include "cli/openssh/key_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/file.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

constexpr char kPublic[] = "ssh-ed25519 AAAA homeport:demo@example.com";
constexpr char kPrivate[] = "-----BEGIN OPENSSH PRIVATE KEY-----\n";

class KeyFolderTest : public ::testing::Test {
 protected:
  KeyFolderTest() {
    std::string pattern = ::testing::TempDir() + "/keys-XXXXXX";
    root_ = mkdtemp(pattern.data());
  }
  ~KeyFolderTest() override { std::filesystem::remove_all(root_); }

  static unsigned Mode(const std::string& path) {
    struct stat info = {};
    return stat(path.c_str(), &info) == 0 ? info.st_mode & 0777 : 0;
  }

  std::string root_;
};

TEST_F(KeyFolderTest, ItIsThePersonsAlone) {
  const KeyFolder folder(root_ + "/.ssh/homeport");
  ASSERT_TRUE(folder.Prepare().ok());
  EXPECT_EQ(Mode(folder.path()), 0700u);
  ASSERT_EQ(chmod(folder.path().c_str(), 0755), 0);
  ASSERT_TRUE(folder.Prepare().ok());
  EXPECT_EQ(Mode(folder.path()), 0700u);
  ASSERT_TRUE(folder.StoreIdentity(kPublic, kPrivate).ok());
  EXPECT_EQ(Mode(folder.identity()), 0600u);
  ASSERT_TRUE(folder.StoreKnownHosts("host key\n").ok());
  EXPECT_EQ(Mode(folder.known_hosts()), 0600u);
}

TEST_F(KeyFolderTest, AnIdentityIsThereWithItsPublicHalfAlone) {
  const KeyFolder folder(root_);
  EXPECT_FALSE(folder.HasIdentity(kPublic));
  ASSERT_TRUE(folder.StoreIdentity(kPublic, kPrivate).ok());
  EXPECT_TRUE(folder.HasIdentity(kPublic));
  EXPECT_FALSE(folder.HasIdentity("ssh-ed25519 BBBB"));
  EXPECT_FALSE(folder.HasIdentity(""));
  ASSERT_EQ(unlink(folder.identity().c_str()), 0);
  EXPECT_FALSE(folder.HasIdentity(kPublic));
  ASSERT_TRUE(folder.StoreIdentity(kPublic, kPrivate).ok());
  ASSERT_TRUE(folder.RemoveIdentity().ok());
  EXPECT_FALSE(std::filesystem::exists(folder.identity()));
  EXPECT_TRUE(folder.RemoveIdentity().ok());
}

TEST_F(KeyFolderTest, WhatIsNoKeyIsNotStored) {
  const KeyFolder folder(root_);
  EXPECT_EQ(folder.StoreIdentity(kPublic, "hello").code(), absl::StatusCode::kInternal);
  EXPECT_EQ(folder.StoreIdentity("a\nb", kPrivate).code(), absl::StatusCode::kInternal);
  EXPECT_FALSE(std::filesystem::exists(folder.identity()));
}

}  // namespace
}  // namespace homeport
