#include "agent/environment_file.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Read(absl::string_view content) {
  EnvironmentFile file(content);
  EnvironmentFile::Assignment assignment;
  std::vector<std::string> read;
  while (file.Next(assignment)) {
    EXPECT_EQ(assignment.text.substr(0, assignment.name.size() + 1),
              absl::StrCat(assignment.name, "="));
    read.push_back(absl::StrCat(assignment.before_block ? "early " : "", assignment.text));
  }
  return read;
}

TEST(EnvironmentFileTest, ReadsAsSshdDoes) {
  EXPECT_THAT(Read("A=1\n"
                   "\n"
                   "# B=2\n"
                   "  \t#C=3\n"
                   " \tD= 4 # five \n"
                   "nothing\n"
                   "E=\"quoted\"=\r\n"
                   "=nameless\n"
                   "export F=6\n"
                   "G="),
              ElementsAre("A=1", "D= 4 # five ", "E=\"quoted\"=\r", "export F=6", "G="));
  EXPECT_THAT(Read(absl::string_view("A=1\0B=2\n\0C=3\nD\0=4\n", 18)), ElementsAre("A=1"));
  EXPECT_THAT(Read(""), IsEmpty());
}

TEST(EnvironmentFileTest, EndsWhereSshdWouldEndTheSession) {
  std::string content;
  for (int i = 0; i < 1001; ++i) absl::StrAppend(&content, "A", i, "=\n");
  EXPECT_EQ(Read(content).size(), 1000u);
}

TEST(EnvironmentFileTest, PassesOverTheBlock) {
  const std::string block = WithBlock("", EnvironmentBlockStyle(), {"A=ours"});
  EXPECT_THAT(Read(absl::StrCat("A=1\n", block, "A=2\n")), ElementsAre("early A=1", "A=2"));
  EXPECT_THAT(Read(block + "B=1"), ElementsAre("B=1"));
  // Without its end, it is none.
  EXPECT_THAT(Read(absl::StrCat(EnvironmentBlockStyle().start, "\nA=1\n")), ElementsAre("A=1"));
}

}  // namespace
}  // namespace homeport::agent
