#include "cli/config_folder.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;

class ConfigFolderTest : public ::testing::Test {
 protected:
  ConfigFolderTest() {
    std::string pattern = ::testing::TempDir() + "/config-XXXXXX";
    home_ = mkdtemp(pattern.data());
    setenv("HOME", home_.c_str(), 1);
    unsetenv("XDG_CONFIG_HOME");
  }
  ~ConfigFolderTest() override { std::filesystem::remove_all(home_); }

  static unsigned Mode(const std::string& path) {
    struct stat info = {};
    return stat(path.c_str(), &info) == 0 ? info.st_mode & 0777 : 0;
  }

  std::string home_;
};

TEST_F(ConfigFolderTest, ItIsWhereTheDesktopWantsIt) {
  EXPECT_EQ(ConfigFolder::Here()->path(), home_ + "/.config/homeport");
  setenv("XDG_CONFIG_HOME", "/elsewhere", 1);
  EXPECT_EQ(ConfigFolder::Here()->path(), "/elsewhere/homeport");
  setenv("XDG_CONFIG_HOME", "relative", 1);
  EXPECT_EQ(ConfigFolder::Here()->path(), home_ + "/.config/homeport");
  unsetenv("HOME");
  EXPECT_EQ(ConfigFolder::Here().status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(ConfigFolderTest, ASignInComesBackAndIsThePersonsAlone) {
  const ConfigFolder folder = *ConfigFolder::Here();
  EXPECT_EQ(*folder.ReadSignIn(), std::nullopt);
  StoredSignIn sign_in;
  sign_in.coordinator = "home.example:7443";
  sign_in.user = "users/demo";
  sign_in.token = "t0ken";
  sign_in.expire_time = absl::FromUnixSeconds(1700000000);
  ASSERT_TRUE(folder.WriteSignIn(sign_in).ok());
  EXPECT_EQ(Mode(folder.path()), 0700u);
  EXPECT_EQ(Mode(folder.sign_in_file()), 0600u);
  const std::optional<StoredSignIn> read = *folder.ReadSignIn();
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->coordinator, "home.example:7443");
  EXPECT_EQ(read->user, "users/demo");
  EXPECT_EQ(read->token, "t0ken");
  EXPECT_EQ(read->expire_time, absl::FromUnixSeconds(1700000000));
  sign_in.token.clear();
  ASSERT_TRUE(folder.WriteSignIn(sign_in).ok());
  EXPECT_EQ((*folder.ReadSignIn())->user, "");
  EXPECT_EQ((*folder.ReadSignIn())->coordinator, "home.example:7443");
}

TEST_F(ConfigFolderTest, AFileThatOthersReadOrThatIsDamagedIsRefused) {
  const ConfigFolder folder = *ConfigFolder::Here();
  ASSERT_TRUE(folder.WriteSignIn({"h:1", "users/demo", "t0ken", absl::InfiniteFuture()}).ok());
  ASSERT_TRUE(WriteFileAtomically(folder.sign_in_file(), "{}", 0644).ok());
  EXPECT_THAT(std::string(folder.ReadSignIn().status().message()), HasSubstr("chmod 600"));
  ASSERT_TRUE(WriteFileAtomically(folder.sign_in_file(), "{\"token\"", 0600).ok());
  EXPECT_THAT(std::string(folder.ReadSignIn().status().message()), HasSubstr("damaged"));
}

TEST_F(ConfigFolderTest, OnlyACertificateIsPinned) {
  const ConfigFolder folder = *ConfigFolder::Here();
  EXPECT_FALSE(folder.HasCa());
  EXPECT_EQ(folder.PinCa("hello").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(folder.HasCa());
  ASSERT_TRUE(folder.PinCa("-----BEGIN CERTIFICATE-----\n").ok());
  EXPECT_TRUE(folder.HasCa());
  EXPECT_EQ(Mode(folder.ca_file()), 0600u);
}

}  // namespace
}  // namespace homeport
