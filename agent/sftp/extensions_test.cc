#include "agent/sftp/extensions.h"

#include <sys/statvfs.h>
#include <unistd.h>

#include "agent/sftp/sftp_server_fixture.h"
#include "gmock/gmock.h"

namespace homeport::agent::sftp {
namespace {

using ::testing::ElementsAre;

class ExtensionsTest : public SftpServerFixture {
 protected:
  std::vector<uint64_t> Numbers(const Reply& reply) {
    EXPECT_EQ(reply.type, kExtendedReply);
    std::vector<uint64_t> numbers;
    WireReader reader(reply.fields);
    while (!reader.AtEnd() && reader.ok()) numbers.push_back(reader.Uint64());
    return numbers;
  }
  std::vector<std::string> Strings(absl::string_view bytes) {
    std::vector<std::string> strings;
    WireReader reader(bytes);
    while (!reader.AtEnd() && reader.ok()) strings.emplace_back(reader.String());
    return strings;
  }
  StatusCode Copy(const std::string& from, uint64_t from_offset, uint64_t size,
                  const std::string& to, uint64_t to_offset) {
    WireWriter fields;
    fields.String(from).Uint64(from_offset).Uint64(size).String(to).Uint64(to_offset);
    return StatusOf(AskExtended("copy-data", fields.bytes()));
  }
};

TEST_F(ExtensionsTest, UnknownOnesAreUnsupported) {
  EXPECT_EQ(StatusOf(AskExtended("check-file", "anything")), StatusCode::kOpUnsupported);
  EXPECT_EQ(StatusOf(AskExtended("", "")), StatusCode::kOpUnsupported);
  EXPECT_EQ(AskStatus(kExtended, ""), StatusCode::kBadMessage);
}

TEST_F(ExtensionsTest, AllAreAnnounced) {
  ASSERT_TRUE(Feed(Packet(kInit, 3, "")).ok());
  EXPECT_THAT(Strings(TakeReplies().at(0).fields),
              ElementsAre("posix-rename@openssh.com", "1", "statvfs@openssh.com", "2",
                          "fstatvfs@openssh.com", "2", "hardlink@openssh.com", "1",
                          "fsync@openssh.com", "1", "lsetstat@openssh.com", "1",
                          "limits@openssh.com", "1", "expand-path@openssh.com", "1", "copy-data",
                          "1", "home-directory", "1", "users-groups-by-id@openssh.com", "1"));
}

TEST_F(ExtensionsTest, LimitsAreOpenSshs) {
  StartServer({/*read_only=*/false, /*most_handles=*/77});
  EXPECT_THAT(Numbers(AskExtended("limits@openssh.com", "")),
              ElementsAre(256 << 10, 255 << 10, 255 << 10, 77));
}

TEST_F(ExtensionsTest, VolumesAreDescribed) {
  struct statvfs expected = {};
  ASSERT_EQ(statvfs(".", &expected), 0);
  for (const Reply& reply :
       {AskExtended("statvfs@openssh.com", PathField(".")),
        AskExtended("fstatvfs@openssh.com", PathField(Open("f", kOpenWrite | kOpenCreate)))}) {
    const std::vector<uint64_t> numbers = Numbers(reply);
    ASSERT_EQ(numbers.size(), 11u);
    EXPECT_EQ(numbers[0], expected.f_bsize);
    EXPECT_EQ(numbers[1], expected.f_frsize);
    EXPECT_EQ(numbers[2], expected.f_blocks);
    EXPECT_EQ(numbers[5], expected.f_files);
    EXPECT_EQ(numbers[8], expected.f_fsid);
    EXPECT_EQ(numbers[10], expected.f_namemax);
  }
  EXPECT_EQ(StatusOf(AskExtended("statvfs@openssh.com", PathField("none"))),
            StatusCode::kNoSuchFile);
  EXPECT_EQ(StatusOf(AskExtended("fstatvfs@openssh.com", PathField("none"))), StatusCode::kFailure);
}

TEST_F(ExtensionsTest, NamesOfUsersAndGroups) {
  const std::string ids = WireWriter().Uint32(0).Uint32(3999999999).bytes();
  const Reply reply = AskExtended("users-groups-by-id@openssh.com", PathsField(ids, ids));
  ASSERT_EQ(reply.type, kExtendedReply);
  WireReader reader(reply.fields);
  EXPECT_THAT(Strings(reader.String()), ElementsAre("root", ""));
  EXPECT_THAT(Strings(reader.String()), ElementsAre("root", ""));
  EXPECT_EQ(StatusOf(AskExtended("users-groups-by-id@openssh.com", PathsField("abc", ""))),
            StatusCode::kBadMessage);
}

TEST_F(ExtensionsTest, ListsOfUsersThatCannotBeAnsweredFail) {
  const std::string roots(200 << 10, '\0');
  EXPECT_EQ(StatusOf(AskExtended("users-groups-by-id@openssh.com", PathsField(roots, ""))),
            StatusCode::kFailure);
}

TEST_F(ExtensionsTest, HomeFoldersAreKnown) {
  EXPECT_EQ(NameOf(AskExtended("home-directory", PathField("root"))), "/root");
  EXPECT_EQ(StatusOf(AskExtended("home-directory", PathField("no such user"))),
            StatusCode::kFailure);
}

TEST_F(ExtensionsTest, CopyDataCopiesRanges) {
  MakeFile("from", "0123456789");
  const std::string from = Open("from", kOpenRead);
  const std::string to = Open("to", kOpenWrite | kOpenCreate);
  EXPECT_EQ(Copy(from, 0, 0, to, 0), StatusCode::kOk);
  EXPECT_EQ(Content("to"), "0123456789");
  EXPECT_EQ(Copy(from, 2, 3, to, 7), StatusCode::kOk);
  EXPECT_EQ(Content("to"), "0123456234");
  EXPECT_EQ(Copy(from, 8, 0, to, 12), StatusCode::kOk);
  EXPECT_EQ(Content("to"), std::string("0123456234\0\0"
                                       "89",
                                       14));
  EXPECT_EQ(Copy(from, 8, 50, to, 0), StatusCode::kEof);
  EXPECT_EQ(Content("to").substr(0, 4), "8923");
}

TEST_F(ExtensionsTest, CopyDataAppendsAndReadsSpecialFiles) {
  MakeFile("from", "new");
  MakeFile("log", "old ");
  EXPECT_EQ(Copy(Open("from", kOpenRead), 0, 0, Open("log", kOpenWrite | kOpenAppend), 0),
            StatusCode::kOk);
  EXPECT_EQ(Content("log"), "old new");
  // Its size is 0, and copy_file_range finds nothing.
  EXPECT_EQ(Copy(Open("/proc/version", kOpenRead), 0, 0, Open("to", kOpenWrite | kOpenCreate), 0),
            StatusCode::kOk);
  EXPECT_EQ(Content("to"), Content("/proc/version"));
}

TEST_F(ExtensionsTest, CopyDataNeverReadsWhatItHasWritten) {
  MakeFile("f", "0123456789");
  const std::string first = Open("f", kOpenRead | kOpenWrite);
  const std::string second = Open("f", kOpenRead | kOpenWrite);
  EXPECT_EQ(Copy(first, 0, 2, first, 5), StatusCode::kFailure);
  EXPECT_EQ(Copy(first, 0, 5, second, 4), StatusCode::kFailure);
  EXPECT_EQ(Copy(first, 4, 5, second, 0), StatusCode::kFailure);
  EXPECT_EQ(Copy(first, 0, 0, second, 100), StatusCode::kFailure);
  EXPECT_EQ(Copy(first, 0, 2, Open("f", kOpenWrite | kOpenAppend), 0), StatusCode::kFailure);
  EXPECT_EQ(Content("f"), "0123456789");
  EXPECT_EQ(Copy(first, 0, 5, second, 5), StatusCode::kOk);
  EXPECT_EQ(Content("f"), "0123401234");
}

TEST_F(ExtensionsTest, CopyDataWithOddNumbersFails) {
  MakeFile("f", "0123456789");
  const std::string from = Open("f", kOpenRead);
  const std::string to = Open("to", kOpenWrite | kOpenCreate);
  EXPECT_EQ(Copy(from, uint64_t{1} << 63, 1, to, 0), StatusCode::kBadMessage);
  EXPECT_EQ(Copy(from, 0, 1, to, uint64_t{1} << 63), StatusCode::kBadMessage);
  EXPECT_EQ(Copy(from, 0, ~uint64_t{0}, to, 0), StatusCode::kEof);
  EXPECT_EQ(Copy(from, 0, 1, "bad", 0), StatusCode::kFailure);
  EXPECT_EQ(Copy("bad", 0, 1, to, 0), StatusCode::kFailure);
  EXPECT_EQ(Copy(to, 0, 1, from, 0), StatusCode::kNoSuchFile);  // EBADF
}

}  // namespace
}  // namespace homeport::agent::sftp
