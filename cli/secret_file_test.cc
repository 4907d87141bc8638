#include "cli/secret_file.h"

#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <string>

#include "base/file.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

class SecretFileTest : public ::testing::Test {
 protected:
  SecretFileTest() {
    std::string pattern = ::testing::TempDir() + "/secret-file-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    path_ = folder_ + "/secret";
  }
  ~SecretFileTest() override { std::filesystem::remove_all(folder_); }

  size_t FilesInFolder() const {
    size_t files = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder_)) ++files;
    return files;
  }

  std::string folder_;
  std::string path_;
};

TEST_F(SecretFileTest, TheOwnerAloneReadsIt) {
  absl::StatusOr<std::unique_ptr<SecretFile>> file = SecretFile::Reserve(path_, false);
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE((*file)->Write("secret").ok());
  EXPECT_EQ(*ReadFile(path_), "secret\n");
  struct stat info = {};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(SecretFileTest, WhatIsThereStaysUnlessReplaced) {
  ASSERT_TRUE(WriteFileAtomically(path_, "old\n", 0644).ok());
  EXPECT_EQ(SecretFile::Reserve(path_, false).status().code(),
            absl::StatusCode::kFailedPrecondition);
  absl::StatusOr<std::unique_ptr<SecretFile>> file = SecretFile::Reserve(path_, true);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(*ReadFile(path_), "old\n");
  ASSERT_TRUE((*file)->Write("new\n").ok());
  EXPECT_EQ(*ReadFile(path_), "new\n");
}

TEST_F(SecretFileTest, AFileThatAppearsMeanwhileStays) {
  absl::StatusOr<std::unique_ptr<SecretFile>> file = SecretFile::Reserve(path_, false);
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE(WriteFileAtomically(path_, "other\n", 0644).ok());
  EXPECT_EQ((*file)->Write("secret").code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(*ReadFile(path_), "other\n");
}

TEST_F(SecretFileTest, NothingIsLeftOfAFileThatWasNotWritten) {
  { ASSERT_TRUE(SecretFile::Reserve(path_, false).ok()); }
  EXPECT_EQ(FilesInFolder(), 0u);
}

TEST_F(SecretFileTest, AFolderThatIsMissingIsFoundOutFirst) {
  const absl::Status status = SecretFile::Reserve(folder_ + "/none/secret", false).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(std::string(status.message()).find("/none/secret"), std::string::npos) << status;
}

}  // namespace
}  // namespace homeport
