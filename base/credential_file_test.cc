#include "base/credential_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/file.h"
#include "gmock/gmock.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;

constexpr char kToken[] = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln";

// A volume as the kubelet makes it: what is read is a link into a folder that it exchanges.
class CredentialFileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(folder_);
    Put("one", kToken);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Put(const std::string& version, const std::string& content, mode_t mode = 0644) {
    std::filesystem::create_directory(folder_ + "/.." + version);
    ASSERT_TRUE(WriteFileAtomically(folder_ + "/.." + version + "/token", content, mode).ok());
    std::filesystem::create_directory_symlink(".." + version, folder_ + "/..data_tmp");
    std::filesystem::rename(folder_ + "/..data_tmp", folder_ + "/..data");
    if (!std::filesystem::exists(path_)) std::filesystem::create_symlink("..data/token", path_);
  }
  std::string Read() { return ReadCredentialFile(path_).value_or("none"); }

  const std::string folder_ = testing::TempDir() + "/volume";
  const std::string path_ = folder_ + "/token";
};

TEST_F(CredentialFileTest, TheKubeletsFileIsTakenAndItsSuccessorToo) {
  if (geteuid() != 0) GTEST_SKIP() << "the kubelet's files are root's";
  EXPECT_EQ(Read(), kToken);
  Put("two", std::string(kToken) + "2\n");
  EXPECT_EQ(Read(), std::string(kToken) + "2");
  Put("three", std::string(kToken) + "3", 0640);
  EXPECT_EQ(Read(), std::string(kToken) + "3");
  // An owner and a group that a pod's security context has chosen.
  Put("four", std::string(kToken) + "4", 0600);
  ASSERT_EQ(chown((folder_ + "/..four/token").c_str(), 65534, 65534), 0);
  EXPECT_EQ(Read(), std::string(kToken) + "4");
}

TEST_F(CredentialFileTest, WhatSomebodyElseCanChangeIsNot) {
  Put("two", kToken, 0664);
  EXPECT_TRUE(absl::IsPermissionDenied(ReadCredentialFile(path_).status()));
  Put("three", kToken, 0646);
  EXPECT_TRUE(absl::IsPermissionDenied(ReadCredentialFile(path_).status()));
  if (geteuid() != 0) return;
  Put("four", kToken, 0644);
  ASSERT_EQ(chown((folder_ + "/..four/token").c_str(), 65534, 65534), 0);
  EXPECT_TRUE(absl::IsPermissionDenied(ReadCredentialFile(path_).status()));
}

TEST_F(CredentialFileTest, ACredentialOfHomeportsStaysPrivate) {
  Put("two", "hpa_0123456789abcdef_secret", 0644);
  const absl::Status open = ReadCredentialFile(path_).status();
  EXPECT_TRUE(absl::IsPermissionDenied(open));
  EXPECT_THAT(open.message(), HasSubstr("chmod 600"));
  Put("three", "hpa_0123456789abcdef_secret", 0600);
  EXPECT_EQ(Read(), "hpa_0123456789abcdef_secret");
}

TEST_F(CredentialFileTest, IsOneWord) {
  Put("two", "two words", 0600);
  EXPECT_THAT(ReadCredentialFile(path_).status().message(), HasSubstr("one word"));
}

}  // namespace
}  // namespace homeport
