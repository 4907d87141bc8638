#include "cli/openssh/file_change.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class FileChangeTest : public ::testing::Test {
 protected:
  FileChangeTest() {
    std::string pattern = ::testing::TempDir() + "/change-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~FileChangeTest() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  static unsigned Mode(const std::string& path) {
    struct stat info = {};
    return stat(path.c_str(), &info) == 0 ? info.st_mode & 0777 : 0;
  }

  std::string folder_;
};

TEST_F(FileChangeTest, FilesComeChangeAndGo) {
  FileChange change;
  change.path = Path("a");
  change.after = "one\n";
  EXPECT_EQ(DescribeChange(change), "create " + Path("a"));
  ASSERT_TRUE(Apply(change).ok());
  EXPECT_EQ(*ReadIfThere(Path("a")), "one\n");
  EXPECT_EQ(Mode(Path("a")), 0600u);
  ASSERT_EQ(chmod(Path("a").c_str(), 0640), 0);
  change.before = "one\n";
  change.after = "two\n";
  change.backup = Path("a-backup");
  ASSERT_TRUE(Apply(change).ok());
  EXPECT_EQ(*ReadIfThere(Path("a")), "two\n");
  EXPECT_EQ(Mode(Path("a")), 0640u);
  EXPECT_EQ(*ReadIfThere(Path("a-backup")), "one\n");
  change.before = "two\n";
  change.after.reset();
  ASSERT_TRUE(Apply(change).ok());
  EXPECT_EQ(*ReadIfThere(Path("a")), std::nullopt);
}

TEST_F(FileChangeTest, ASymbolicLinkStaysOneAndItsTargetChanges) {
  ASSERT_TRUE(MakeFolder(Path("dotfiles"), 0700).ok());
  ASSERT_TRUE(WriteFileAtomically(Path("dotfiles/config"), "one\n", 0644).ok());
  ASSERT_EQ(symlink("dotfiles/config", Path("link").c_str()), 0);
  ASSERT_EQ(symlink("link", Path("config").c_str()), 0);
  FileChange change;
  change.path = Path("config");
  change.before = "one\n";
  change.after = "two\n";
  ASSERT_TRUE(Apply(change).ok());
  EXPECT_TRUE(std::filesystem::is_symlink(Path("config")));
  EXPECT_EQ(*ReadFile(Path("dotfiles/config")), "two\n");
  EXPECT_EQ(Mode(Path("dotfiles/config")), 0644u);
  ASSERT_EQ(symlink("not-there", Path("dangling").c_str()), 0);
  change.path = Path("dangling");
  ASSERT_TRUE(Apply(change).ok());
  EXPECT_EQ(*ReadFile(Path("not-there")), "two\n");
  ASSERT_EQ(symlink("loop", Path("loop").c_str()), 0);
  change.path = Path("loop");
  EXPECT_EQ(Apply(change).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(FileChangeTest, WhatCannotBeWrittenIsSaidAndLeftAlone) {
  ASSERT_TRUE(WriteFileAtomically(Path("file"), "one\n", 0644).ok());
  FileChange change;
  change.path = Path("file/below");
  change.after = "two\n";
  const absl::Status status = Apply(change);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr(Path("file/below")));
  EXPECT_EQ(*ReadFile(Path("file")), "one\n");
}

TEST_F(FileChangeTest, ADiffIsWhatPatchTakes) {
  FileChange change;
  change.path = "/x";
  std::string before;
  for (int i = 1; i <= 20; ++i) before += std::to_string(i) + "\n";
  std::string after = before;
  after.replace(after.find("10\n"), 3, "ten\n");
  change.before = before + "last";
  change.after = "first\n" + after + "last";
  EXPECT_EQ(UnifiedDiff(change),
            "--- /x\n+++ /x\n"
            "@@ -1,3 +1,4 @@\n+first\n 1\n 2\n 3\n"
            "@@ -7,7 +8,7 @@\n 7\n 8\n 9\n-10\n+ten\n 11\n 12\n 13\n");
  change.before.reset();
  change.after = "one";
  EXPECT_EQ(UnifiedDiff(change),
            "--- /dev/null\n+++ /x\n@@ -0,0 +1,1 @@\n+one\n\\ No newline at end of file\n");
  change.before = "one";
  EXPECT_EQ(UnifiedDiff(change), "");
}

TEST_F(FileChangeTest, ASecretIsNotInTheDiff) {
  FileChange change;
  change.path = "/x";
  change.after = "s3cret\n";
  change.secret = true;
  EXPECT_THAT(UnifiedDiff(change), Not(HasSubstr("s3cret")));
  EXPECT_THAT(UnifiedDiff(change), HasSubstr("/x"));
}

}  // namespace
}  // namespace homeport
