// What the asset bundle promises to every image: it is small, and its programs need no file of
// theirs.
#include <elf.h>
#include <sys/stat.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "base/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

constexpr char kTar[] = "bundle/homeport-bundle.tar.xz";
constexpr size_t kMostBytes = 12 << 20;

// Why the programs are not those that are handed out; empty if they are.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr char kWhyNotIt[] = "programs with a sanitizer are linked with shared libraries";
#else
constexpr char kWhyNotIt[] = "";
#endif

class StaticProgram : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (*kWhyNotIt != '\0') GTEST_SKIP() << kWhyNotIt;
    absl::StatusOr<std::string> content =
        ReadFile(std::string("bundle/assets/") + GetParam(), 256 << 20);
    ASSERT_TRUE(content.ok()) << content.status();
    content_ = *std::move(content);
    ASSERT_GT(content_.size(), sizeof(Elf64_Ehdr));
    memcpy(&header_, content_.data(), sizeof(header_));
    ASSERT_EQ(memcmp(header_.e_ident, ELFMAG, SELFMAG), 0);
    for (int i = 0; i < header_.e_phnum; ++i) {
      segments_.push_back(At<Elf64_Phdr>(header_.e_phoff + i * sizeof(Elf64_Phdr)));
    }
  }

  template <typename T>
  T At(size_t offset) const {
    T value = {};
    if (offset + sizeof(T) <= content_.size()) {
      memcpy(&value, content_.data() + offset, sizeof(T));
    } else {
      ADD_FAILURE() << "the file ends before " << offset;
    }
    return value;
  }

  std::string content_;
  Elf64_Ehdr header_ = {};
  std::vector<Elf64_Phdr> segments_;
};
INSTANTIATE_TEST_SUITE_P(Bundle, StaticProgram,
                         testing::Values("homeport-agent", "coder-cli/homeport"),
                         [](const testing::TestParamInfo<const char*>& it) {
                           return it.index == 0 ? "Agent" : "Command";
                         });

TEST_P(StaticProgram, NeedsNoInterpreterAndNoLibrary) {
  EXPECT_EQ(header_.e_type, ET_DYN) << "its address can be chosen";
  for (const Elf64_Phdr& segment : segments_) {
    EXPECT_NE(segment.p_type, PT_INTERP);
    if (segment.p_type != PT_DYNAMIC) continue;
    for (size_t at = 0; at + sizeof(Elf64_Dyn) <= segment.p_filesz; at += sizeof(Elf64_Dyn)) {
      EXPECT_NE(At<Elf64_Dyn>(segment.p_offset + at).d_tag, DT_NEEDED);
    }
  }
}

TEST_P(StaticProgram, HoldsNoDebuggingInformation) {
  for (int i = 0; i < header_.e_shnum; ++i) {
    EXPECT_NE(At<Elf64_Shdr>(header_.e_shoff + i * sizeof(Elf64_Shdr)).sh_type, SHT_SYMTAB);
  }
}

std::string Output(const char* command) {
  std::string text;
  FILE* pipe = popen(command, "r");
  if (pipe == nullptr) return text;
  std::array<char, 4096> buffer;
  for (size_t n = 0; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    text.append(buffer.data(), n);
  }
  EXPECT_EQ(pclose(pipe), 0) << command;
  return text;
}

TEST(Bundle, IsSmall) {
  if (*kWhyNotIt != '\0') GTEST_SKIP() << kWhyNotIt;
  struct stat about = {};
  ASSERT_EQ(stat(kTar, &about), 0);
  EXPECT_LE(about.st_size, kMostBytes);
  EXPECT_GT(about.st_size, 1 << 20);
}

TEST(Bundle, IsTheSameWhoeverPacksIt) {
  const std::string list =
      Output("TZ=UTC tar --list --verbose --numeric-owner --file=bundle/homeport-bundle.tar.xz");
  std::vector<std::string> entries;
  for (const absl::string_view line : absl::StrSplit(list, '\n', absl::SkipEmpty())) {
    // Mode, owner, size, day, time, name.
    const std::vector<std::string> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    ASSERT_EQ(words.size(), 6u) << line;
    entries.push_back(words[0] + " " + words[1] + " " + words[3] + " " + words[4] + " " + words[5]);
  }
  EXPECT_THAT(entries, ElementsAre("-rw-r--r-- 0/0 1970-01-01 00:00 VERSION",
                                   "drwxr-xr-x 0/0 1970-01-01 00:00 coder-cli/",
                                   "-rwxr-xr-x 0/0 1970-01-01 00:00 coder-cli/homeport",
                                   "-rwxr-xr-x 0/0 1970-01-01 00:00 homeport-agent"));
}

TEST(Bundle, SaysItsVersion) {
  EXPECT_THAT(ReadFile("bundle/assets/VERSION").value_or(""), StartsWith("homeport "));
  EXPECT_EQ("homeport-agent" + ReadFile("bundle/assets/VERSION").value_or("").substr(8),
            Output("bundle/assets/homeport-agent --version"));
}

}  // namespace
}  // namespace homeport
