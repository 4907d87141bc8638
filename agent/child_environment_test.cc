#include "agent/child_environment.h"

#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "agent/files/managed_block.h"
#include "base/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport::agent {
namespace {

using ::testing::ElementsAre;

class ChildEnvironmentTest : public ::testing::Test {
 protected:
  std::vector<std::string> Compose(const std::vector<std::string>& workspace,
                                   const std::vector<std::string>& session) {
    ChildEnvironment environment(workspace, path_, session);
    std::vector<std::string> composed;
    for (char* const* entry = environment.Compose(); *entry != nullptr; ++entry) {
      composed.emplace_back(*entry);
    }
    return composed;
  }
  void Write(const std::string& content) {
    ASSERT_TRUE(WriteFileAtomically(path_, content, 0600).ok());
  }
  const std::string path_ = absl::StrCat(::testing::TempDir(), "/environment");
};

TEST_F(ChildEnvironmentTest, TheSessionWinsOverTheFileAndThatOverTheWorkspace) {
  Write("A=file\nB=file\nD=file\nD=again");
  EXPECT_THAT(Compose({"A=workspace", "C=workspace", "AB=x"}, {"B=session", "E="}),
              ElementsAre("A=file", "C=workspace", "AB=x", "B=session", "D=again", "E="));
}

TEST_F(ChildEnvironmentTest, LinesBeforeTheBlockLoseToTheWorkspace) {
  Write(absl::StrCat("A=early\nB=early\n",
                     WithBlock("", EnvironmentBlockStyle(), {"A=of another workspace", "C=too"}),
                     "D=late\n"));
  EXPECT_THAT(Compose({"A=workspace"}, {}), ElementsAre("A=workspace", "B=early", "D=late"));
}

TEST_F(ChildEnvironmentTest, WithoutAFileItIsTheOthers) {
  unlink(path_.c_str());
  EXPECT_THAT(Compose({"A=1"}, {"B=2"}), ElementsAre("A=1", "B=2"));
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  EXPECT_THAT(Compose({"A=1"}, {"B=2"}), ElementsAre("A=1", "B=2"));
  unlink(path_.c_str());
}

TEST_F(ChildEnvironmentTest, ALongFileIsReadToItsBound) {
  std::string content;
  for (int i = 0; i < 2000; ++i) absl::StrAppend(&content, "A", i, "=1\n");
  Write(content + std::string(1 << 20, 'x'));
  EXPECT_EQ(Compose({"A=1"}, {"B=2"}).size(), 1002u);
  Write("A=" + std::string(1 << 20, 'x'));
  EXPECT_EQ(Compose({}, {})[0].size(), size_t{256} << 10);
}

}  // namespace
}  // namespace homeport::agent
