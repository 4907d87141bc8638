#include "cli/doctor/sshd_config.h"

#include <cstdlib>

#include "base/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport::doctor {
namespace {

using ::testing::ElementsAre;

class SshdConfigTest : public testing::Test {
 protected:
  SshdConfigTest() : root_(testing::TempDir() + "/sshd_config.XXXXXX") {
    EXPECT_NE(mkdtemp(root_.data()), nullptr);
  }
  SshdConfig Read(const std::string& main) {
    Write("sshd_config", main);
    return SshdConfig(root_);
  }
  void Write(const std::string& name, const std::string& content) {
    const std::string path = root_ + "/etc/ssh/" + name;
    EXPECT_TRUE(MakeFolder(path.substr(0, path.rfind('/')), 0755).ok());
    EXPECT_TRUE(WriteFileAtomically(path, content, 0644).ok());
  }
  std::string root_;
};

TEST(SplitConfigLine, KnowsBlanksQuotesEqualsAndComments) {
  EXPECT_THAT(SplitConfigLine("  Port\t22  # here"), ElementsAre("Port", "22"));
  EXPECT_THAT(SplitConfigLine("Port=22"), ElementsAre("Port", "22"));
  EXPECT_THAT(SplitConfigLine("Port = 22\r"), ElementsAre("Port", "22"));
  EXPECT_THAT(SplitConfigLine("Include \"a b\" c"), ElementsAre("Include", "a b", "c"));
  EXPECT_THAT(SplitConfigLine("SetEnv A=b C=d"), ElementsAre("SetEnv", "A=b", "C=d"));
  EXPECT_THAT(SplitConfigLine("Banner \"half"), ElementsAre("Banner", "half"));
  EXPECT_THAT(SplitConfigLine("# only"), ElementsAre());
  EXPECT_THAT(SplitConfigLine("="), ElementsAre(""));
}

TEST_F(SshdConfigTest, TheFirstValueCounts) {
  const SshdConfig config = Read("x11forwarding yes\nX11Forwarding no\n");
  EXPECT_TRUE(config.IsYes("X11Forwarding", false));
  EXPECT_EQ(config.Value("Banner", "none"), "none");
}

TEST_F(SshdConfigTest, WhatIsForSomeUsersAloneIsLeftOut) {
  const SshdConfig config = Read(
      "Match User git\nX11Forwarding no\nMatch all\nX11Forwarding yes\nMatch Address ::1\n"
      "PermitUserEnvironment yes\n");
  EXPECT_TRUE(config.IsYes("X11Forwarding", false));
  EXPECT_EQ(config.Value("PermitUserEnvironment", "no"), "no");
}

TEST_F(SshdConfigTest, IncludedFilesCountWhereTheyStand) {
  Write("sshd_config.d/10-first.conf", "X11UseLocalhost no\nMatch User git\nPort 1\n");
  Write("sshd_config.d/20-second.conf", "X11UseLocalhost yes\nPort 2\n");
  Write("not.included", "PermitUserEnvironment no\n");
  const SshdConfig config = Read(
      "Include /etc/ssh/sshd_config.d/*.conf\nX11UseLocalhost yes\nPermitUserEnvironment yes\n");
  EXPECT_FALSE(config.IsYes("X11UseLocalhost", true));
  EXPECT_EQ(config.Value("Port", ""), "2") << "the Match of the first file ends with it";
  EXPECT_TRUE(config.IsYes("PermitUserEnvironment", false));
}

TEST_F(SshdConfigTest, AnIncludeInsideOfMatchIsPartOfIt) {
  Write("more", "PermitUserEnvironment yes\n");
  EXPECT_FALSE(Read("Match User git\nInclude more\n").IsYes("PermitUserEnvironment", false));
  EXPECT_TRUE(Read("Include more\n").IsYes("PermitUserEnvironment", false));
}

TEST_F(SshdConfigTest, AFileThatIncludesItselfEnds) {
  const SshdConfig config = Read("Include sshd_config\nPort 3\n");
  EXPECT_EQ(config.Value("Port", ""), "3");
}

TEST_F(SshdConfigTest, NoneIsNone) { EXPECT_FALSE(SshdConfig(root_).found()); }

}  // namespace
}  // namespace homeport::doctor
