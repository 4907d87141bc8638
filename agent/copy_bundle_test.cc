#include "agent/copy_bundle.h"

#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "base/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport::agent {
namespace {

class CopyBundleTest : public testing::Test {
 protected:
  CopyBundleTest() : from_(MakeFolder("from")), to_(MakeFolder("to")) {
    mkdir((from_ + "/coder-cli").c_str(), 0755);
    Write("homeport-agent", "the agent");
    Write("coder-cli/homeport", "the command");
    Write("VERSION", "homeport 1\n");
  }

  static std::string MakeFolder(const std::string& name) {
    std::string path = testing::TempDir() + "/copy-bundle-" + name + "-XXXXXX";
    EXPECT_NE(mkdtemp(path.data()), nullptr);
    return path;
  }

  void Write(const std::string& name, const std::string& content) {
    ASSERT_TRUE(WriteFileAtomically(from_ + "/" + name, content, 0500).ok());
  }

  std::string Copied(const std::string& name) { return ReadFile(to_ + "/" + name).value_or(""); }

  mode_t ModeOf(const std::string& name) {
    struct stat info = {};
    EXPECT_EQ(stat((to_ + "/" + name).c_str(), &info), 0);
    return info.st_mode & 07777;
  }

  const std::string from_;
  const std::string to_;
};

TEST_F(CopyBundleTest, EveryUserOfTheWorkspaceCanRunWhatWasCopied) {
  ASSERT_TRUE(CopyBundle(from_, to_).ok());
  EXPECT_EQ(Copied("homeport-agent"), "the agent");
  EXPECT_EQ(Copied("coder-cli/homeport"), "the command");
  EXPECT_EQ(Copied("VERSION"), "homeport 1\n");
  EXPECT_EQ(ModeOf("homeport-agent"), 0755u);
  EXPECT_EQ(ModeOf("coder-cli/homeport"), 0755u);
  EXPECT_EQ(ModeOf("VERSION"), 0644u);
}

TEST_F(CopyBundleTest, AnOlderBundleIsReplaced) {
  ASSERT_TRUE(CopyBundle(from_, to_).ok());
  Write("homeport-agent", "a newer agent");
  ASSERT_TRUE(CopyBundle(from_, to_).ok());
  EXPECT_EQ(Copied("homeport-agent"), "a newer agent");
}

TEST_F(CopyBundleTest, HalfABundleIsNamedAndLeavesNoVersion) {
  ASSERT_EQ(unlink((from_ + "/coder-cli/homeport").c_str()), 0);
  const absl::Status status = CopyBundle(from_, to_);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("coder-cli/homeport"));
  EXPECT_EQ(Copied("VERSION"), "");
}

TEST_F(CopyBundleTest, AMissingFolderIsNamed) {
  const absl::Status status = CopyBundle(from_, to_ + "/nowhere");
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("nowhere"));
}

}  // namespace
}  // namespace homeport::agent
