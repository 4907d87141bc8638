#include "agent/sftp/folder_requests.h"

#include <sys/stat.h>
#include <unistd.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "agent/sftp/sftp_server_fixture.h"
#include "gmock/gmock.h"

namespace homeport::agent::sftp {
namespace {

using ::testing::EndsWith;
using ::testing::Le;
using ::testing::StartsWith;

struct Entry {
  std::string long_name;
  Attributes attributes;
};

class FolderRequestsTest : public SftpServerFixture {
 protected:
  std::string OpenFolder(const std::string& path) {
    return StringOf(Ask(kOpendir, PathField(path)), kHandleReply);
  }
  // All entries by name; the number of replies that brought them is `replies`.
  std::map<std::string, Entry> List(const std::string& handle, int& replies) {
    std::map<std::string, Entry> entries;
    for (replies = 0;; ++replies) {
      const Reply reply = Ask(kReaddir, PathField(handle));
      if (reply.type == kStatusReply) {
        EXPECT_EQ(StatusOf(reply), StatusCode::kEof);
        return entries;
      }
      WireReader reader(reply.fields);
      const uint32_t count = reader.Uint32();
      EXPECT_THAT(count, Le(100u));
      for (uint32_t i = 0; i < count && reader.ok(); ++i) {
        const std::string name(reader.String());
        Entry& entry = entries[name];
        EXPECT_TRUE(entry.long_name.empty()) << name << " came twice";
        entry.long_name = std::string(reader.String());
        entry.attributes = ReadAttributes(reader);
      }
      EXPECT_TRUE(reader.AtEnd());
    }
  }
};

TEST_F(FolderRequestsTest, ListsEverythingOnce) {
  for (int i = 0; i < 250; ++i) MakeFile(absl::StrCat("file", i), std::string(i, 'x'));
  int replies = 0;
  const std::string handle = OpenFolder(".");
  const auto entries = List(handle, replies);
  EXPECT_EQ(entries.size(), 252u);  // with . and ..
  EXPECT_EQ(replies, 3);
  EXPECT_EQ(*entries.at("file249").attributes.size_bytes, 249u);
  EXPECT_EQ(AskStatus(kReaddir, PathField(handle)), StatusCode::kEof);
  EXPECT_EQ(AskStatus(kClose, PathField(handle)), StatusCode::kOk);
  EXPECT_EQ(AskStatus(kReaddir, PathField(handle)), StatusCode::kFailure);
}

TEST_F(FolderRequestsTest, ALinkIsListedAsALink) {
  ASSERT_EQ(symlink("nowhere", "link"), 0);
  int replies = 0;
  const auto entries = List(OpenFolder("."), replies);
  EXPECT_TRUE(S_ISLNK(*entries.at("link").attributes.mode));
  EXPECT_THAT(entries.at("link").long_name, StartsWith("lrwxrwxrwx "));
  EXPECT_THAT(entries.at("link").long_name, EndsWith(" link"));
}

TEST_F(FolderRequestsTest, OnlyFoldersAreListed) {
  MakeFile("f", "");
  EXPECT_EQ(AskStatus(kOpendir, PathField("f")), StatusCode::kNoSuchFile);
  EXPECT_EQ(AskStatus(kOpendir, PathField("none")), StatusCode::kNoSuchFile);
  EXPECT_EQ(AskStatus(kReaddir, PathField(Open("f", kOpenRead))), StatusCode::kFailure);
  EXPECT_EQ(AskStatus(kFstat, PathField(OpenFolder("."))), StatusCode::kFailure);
}

}  // namespace
}  // namespace homeport::agent::sftp
