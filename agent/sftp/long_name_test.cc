#include "agent/sftp/long_name.h"

#include <cstdlib>

#include "gtest/gtest.h"

namespace homeport::agent::sftp {
namespace {

constexpr time_t kNow = 1700000000;  // Tue Nov 14 22:13:20 UTC 2023
constexpr time_t kDay = 24 * 60 * 60;

struct stat File(mode_t mode, time_t time) {
  struct stat file = {};
  file.st_mode = mode;
  file.st_nlink = 1;
  file.st_uid = 1000;
  file.st_gid = 100;
  file.st_size = 1234;
  file.st_mtime = time;
  return file;
}

std::string ModeOf(mode_t mode) {
  return LongName("n", File(mode, kNow), "u", "g", kNow).substr(0, 10);
}

class LongNameTest : public ::testing::Test {
 protected:
  void SetUp() override {
    setenv("TZ", "UTC", 1);
    tzset();
  }
};

TEST_F(LongNameTest, HasTheColumnsOfLs) {
  EXPECT_EQ(LongName("my file", File(S_IFREG | 0644, kNow - kDay), "user", "group", kNow),
            "-rw-r--r--    1 user     group        1234 Nov 13 22:13 my file");
}

TEST_F(LongNameTest, NamelessOwnersAreNumbersAndLongNamesPushTheColumns) {
  EXPECT_EQ(LongName("f", File(S_IFREG | 0644, kNow), "", "a_long_group_name", kNow),
            "-rw-r--r--    1 1000     a_long_group_name     1234 Nov 14 22:13 f");
}

TEST_F(LongNameTest, OldAndFutureTimesHaveAYear) {
  const auto time_text = [](time_t time) {
    return LongName("f", File(S_IFREG, time), "u", "g", kNow).substr(43, 12);
  };
  EXPECT_EQ(time_text(kNow), "Nov 14 22:13");
  EXPECT_EQ(time_text(kNow + 1), "Nov 14  2023");
  EXPECT_EQ(time_text(kNow - 182 * kDay), "May 16 22:13");
  EXPECT_EQ(time_text(kNow - 183 * kDay), "May 15  2023");
  EXPECT_EQ(time_text(0), "Jan  1  1970");
}

TEST_F(LongNameTest, ShowsEveryBit) {
  EXPECT_EQ(ModeOf(S_IFDIR | S_ISVTX | 0777), "drwxrwxrwt");
  EXPECT_EQ(ModeOf(S_IFDIR | S_ISVTX | 0776), "drwxrwxrwT");
  EXPECT_EQ(ModeOf(S_IFREG | S_ISUID | S_ISGID | 0755), "-rwsr-sr-x");
  EXPECT_EQ(ModeOf(S_IFREG | S_ISUID | S_ISGID | 0644), "-rwSr-Sr--");
  EXPECT_EQ(ModeOf(S_IFLNK | 0777), "lrwxrwxrwx");
  EXPECT_EQ(ModeOf(S_IFIFO | 0600), "prw-------");
  EXPECT_EQ(ModeOf(S_IFSOCK | 0600), "srw-------");
  EXPECT_EQ(ModeOf(S_IFCHR), "c---------");
  EXPECT_EQ(ModeOf(S_IFBLK), "b---------");
  EXPECT_EQ(ModeOf(0), "?---------");
}

}  // namespace
}  // namespace homeport::agent::sftp
