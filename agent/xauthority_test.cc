#include "agent/xauthority.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "gtest/gtest.h"

namespace homeport::agent {
namespace {

const XauthorityEntry kEntry = {kXauthorityLocal, "host", "10", "MIT-MAGIC-COOKIE-1", "\x01\xff"};
const std::string kEntryBytes("\1\0\0\4host\0\00210\0\022MIT-MAGIC-COOKIE-1\0\2\x01\xff", 36);

XauthorityEntry With(const std::string& display, const std::string& secret) {
  XauthorityEntry entry = kEntry;
  entry.display = display;
  entry.secret = secret;
  return entry;
}

TEST(XauthorityTest, AnEntryIsWrittenAsLibXauReadsIt) {
  EXPECT_EQ(WithXauthorityEntry("", kEntry).value_or(""), kEntryBytes);
  absl::string_view bytes = kEntryBytes;
  const auto read = TakeXauthorityEntry(bytes);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->address, "host");
  EXPECT_EQ(read->display, "10");
  EXPECT_EQ(read->secret, "\x01\xff");
  EXPECT_EQ(bytes, "");
}

TEST(XauthorityTest, ItReplacesItsLikeAndNothingElse) {
  std::string content;
  for (const char* display : {"0", "10", "11"}) {
    content = WithXauthorityEntry(content, With(display, display)).value();
  }
  const std::string changed = WithXauthorityEntry(content, With("10", "new")).value();
  std::vector<std::string> secrets;
  for (absl::string_view rest = changed; !rest.empty();) {
    secrets.push_back(TakeXauthorityEntry(rest)->secret);
  }
  EXPECT_EQ(secrets, (std::vector<std::string>{"new", "11", "0"}));
}

TEST(XauthorityTest, WhatBreaksOffStaysAsItIs) {
  for (size_t size = 1; size < kEntryBytes.size(); ++size) {
    const std::string broken = kEntryBytes.substr(0, size);
    EXPECT_EQ(WithXauthorityEntry(broken, kEntry).value(), kEntryBytes + broken);
  }
  EXPECT_FALSE(WithXauthorityEntry("", With("10", std::string(65536, 'x'))).ok());
}

class XauthorityFileTest : public testing::Test {
 protected:
  XauthorityFileTest() {
    char pattern[] = "/tmp/homeport-xauthority.XXXXXX";
    folder_ = mkdtemp(pattern);
    file_ = folder_ + "/file";
  }
  ~XauthorityFileTest() override { std::filesystem::remove_all(folder_); }
  size_t files() const {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder_), {}));
  }

  std::string folder_;
  std::string file_;
};

TEST_F(XauthorityFileTest, IsMadeForItsOwnerAndTheLockGoes) {
  ASSERT_TRUE(AddToXauthorityFile(file_, kEntry).ok());
  EXPECT_EQ(ReadFile(file_).value_or(""), kEntryBytes);
  struct stat there = {};
  ASSERT_EQ(stat(file_.c_str(), &there), 0);
  EXPECT_EQ(there.st_mode & 0777, 0600u);
  EXPECT_EQ(files(), 1u);
}

TEST_F(XauthorityFileTest, ManyAtOnceLoseNothing) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([this, i] {
      EXPECT_TRUE(AddToXauthorityFile(file_, With(std::to_string(i), "x"), absl::Seconds(60)).ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::string content = ReadFile(file_).value_or("");
  size_t count = 0;
  for (absl::string_view rest = content; TakeXauthorityEntry(rest).has_value();) ++count;
  EXPECT_EQ(count, 8u);
  EXPECT_EQ(files(), 1u);
}

TEST_F(XauthorityFileTest, AnothersLockIsRespectedUntilItIsOld) {
  ASSERT_TRUE(WriteFileAtomically(file_ + "-l", "", 0600).ok());
  const absl::Status status = AddToXauthorityFile(file_, kEntry, absl::Milliseconds(50));
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_EQ(access((file_ + "-l").c_str(), F_OK), 0);
  EXPECT_NE(access(file_.c_str(), F_OK), 0);
  unlink((file_ + "-l").c_str());
  EXPECT_TRUE(AddToXauthorityFile(file_, kEntry, absl::Milliseconds(50)).ok());
}

TEST_F(XauthorityFileTest, WhatCannotBeWrittenIsSaid) {
  const absl::Status status = AddToXauthorityFile(folder_ + "/not/there", kEntry);
  EXPECT_NE(status.message().find(folder_ + "/not/there"), std::string::npos) << status;
}

}  // namespace
}  // namespace homeport::agent
