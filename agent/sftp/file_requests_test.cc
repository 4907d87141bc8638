#include "agent/sftp/file_requests.h"

#include <sys/stat.h>
#include <unistd.h>

#include "agent/sftp/sftp_server_fixture.h"
#include "gmock/gmock.h"

namespace homeport::agent::sftp {
namespace {

class FileRequestsTest : public SftpServerFixture {
 protected:
  StatusCode OpenStatus(const std::string& path, uint32_t flags) {
    return AskStatus(kOpen, WireWriter().String(path).Uint32(flags).Uint32(0).bytes());
  }
  StatusCode ReadStatus(const std::string& handle, uint64_t offset, uint32_t size) {
    return AskStatus(kRead, WireWriter().String(handle).Uint64(offset).Uint32(size).bytes());
  }
  StatusCode Close(const std::string& handle) { return AskStatus(kClose, PathField(handle)); }
};

TEST_F(FileRequestsTest, WhatIsWrittenIsRead) {
  const std::string handle = Open("f", kOpenRead | kOpenWrite | kOpenCreate);
  EXPECT_EQ(Write(handle, 0, "hello"), StatusCode::kOk);
  EXPECT_EQ(Write(handle, 8, "world"), StatusCode::kOk);
  EXPECT_EQ(Read(handle, 0, 100), std::string("hello\0\0\0world", 13));
  EXPECT_EQ(Read(handle, 8, 3), "wor");
  EXPECT_EQ(Read(handle, 8, 0), "");
  EXPECT_EQ(ReadStatus(handle, 13, 1), StatusCode::kEof);
  EXPECT_EQ(Close(handle), StatusCode::kOk);
  EXPECT_EQ(Content("f"), std::string("hello\0\0\0world", 13));
}

TEST_F(FileRequestsTest, OpenFlagsMeanWhatTheySay) {
  EXPECT_EQ(OpenStatus("f", kOpenWrite), StatusCode::kNoSuchFile);
  MakeFile("f", "old");
  EXPECT_EQ(OpenStatus("f", kOpenWrite | kOpenCreate | kOpenExclusive), StatusCode::kFailure);
  Open("f", kOpenWrite | kOpenCreate);
  EXPECT_EQ(Content("f"), "old");
  Open("f", kOpenWrite | kOpenTruncate);
  EXPECT_EQ(Content("f"), "");
  EXPECT_EQ(Write(Open("f", kOpenRead), 0, "x"), StatusCode::kNoSuchFile);  // EBADF
  EXPECT_EQ(ReadStatus(Open("f", kOpenWrite), 0, 1), StatusCode::kNoSuchFile);
}

TEST_F(FileRequestsTest, PermissionsOfANewFileObeyTheUmask) {
  Attributes attributes;
  Open("plain", kOpenWrite | kOpenCreate);
  EXPECT_EQ(Lstat("plain").st_mode & 07777, 0644u);
  attributes.mode = S_IFREG | 0777;
  Open("executable", kOpenWrite | kOpenCreate, attributes);
  EXPECT_EQ(Lstat("executable").st_mode & 07777, 0755u);
  attributes.mode = 0600;
  Open("private", kOpenWrite | kOpenCreate, attributes);
  EXPECT_EQ(Lstat("private").st_mode & 07777, 0600u);
}

TEST_F(FileRequestsTest, AppendingIgnoresTheOffset) {
  MakeFile("log", "one ");
  const std::string handle = Open("log", kOpenWrite | kOpenAppend);
  EXPECT_EQ(Write(handle, 0, "two "), StatusCode::kOk);
  EXPECT_EQ(Write(handle, uint64_t{1} << 63, "three"), StatusCode::kOk);
  EXPECT_EQ(Content("log"), "one two three");
}

TEST_F(FileRequestsTest, AReadOfAnySizeGivesAtMostTheLimit) {
  const std::string handle = Open("f", kOpenRead | kOpenWrite | kOpenCreate);
  EXPECT_EQ(Write(handle, 300000, "x"), StatusCode::kOk);
  EXPECT_EQ(Read(handle, 0, 0xffffffff).size(), kMaxDataBytes);
  EXPECT_EQ(Read(handle, 0, kMaxDataBytes).size(), kMaxDataBytes);
  EXPECT_EQ(Read(handle, kMaxDataBytes, 0xffffffff).size(), 300001 - kMaxDataBytes);
}

TEST_F(FileRequestsTest, TheLargestWriteThatIsPromisedFits) {
  const std::string handle = Open("f", kOpenWrite | kOpenCreate);
  const std::string data(kMaxDataBytes, 'd');
  EXPECT_EQ(Write(handle, 0, data), StatusCode::kOk);
  EXPECT_EQ(Content("f"), data);
}

TEST_F(FileRequestsTest, OffsetsPastFourGigabytesWork) {
  const std::string handle = Open("sparse", kOpenRead | kOpenWrite | kOpenCreate);
  const uint64_t far = uint64_t{5} << 30;
  EXPECT_EQ(Write(handle, far, "end"), StatusCode::kOk);
  EXPECT_EQ(Read(handle, far - 1, 10), std::string("\0end", 4));
  EXPECT_EQ(*AttributesOfReply(Ask(kFstat, PathField(handle))).size_bytes, far + 3);
}

TEST_F(FileRequestsTest, OffsetsThatNoFileHasAreBadMessages) {
  const std::string handle = Open("f", kOpenRead | kOpenWrite | kOpenCreate);
  EXPECT_EQ(ReadStatus(handle, uint64_t{1} << 63, 1), StatusCode::kBadMessage);
  EXPECT_EQ(Write(handle, ~uint64_t{0}, "x"), StatusCode::kBadMessage);
}

TEST_F(FileRequestsTest, OnlyHandlesThatAreOpenAreTaken) {
  MakeFile("f", "content");
  const std::string first = Open("f", kOpenRead);
  EXPECT_EQ(Close(first), StatusCode::kOk);
  EXPECT_EQ(Close(first), StatusCode::kNoSuchFile);
  const std::string second = Open("f", kOpenRead);  // in the place of the first
  EXPECT_EQ(ReadStatus(first, 0, 1), StatusCode::kFailure);
  EXPECT_EQ(Read(second, 0, 1), "c");
  for (const std::string& invented :
       {std::string(), std::string("\0\0\0\0", 4), std::string(8, '\xff'), second + "x",
        second.substr(1), std::string(300, 'h')}) {
    EXPECT_EQ(ReadStatus(invented, 0, 1), StatusCode::kFailure);
    EXPECT_EQ(Write(invented, 0, "x"), StatusCode::kFailure);
    EXPECT_EQ(AskStatus(kFstat, PathField(invented)), StatusCode::kFailure);
    EXPECT_EQ(AskStatus(kFsetstat, PathAndAttributes(invented, {})), StatusCode::kFailure);
    EXPECT_EQ(AskStatus(kReaddir, PathField(invented)), StatusCode::kFailure);
    EXPECT_EQ(Close(invented), StatusCode::kNoSuchFile);
  }
}

TEST_F(FileRequestsTest, HandlesAreLimited) {
  StartServer({/*read_only=*/false, /*most_handles=*/2});
  MakeFile("f", "");
  const std::string first = Open("f", kOpenRead);
  StringOf(Ask(kOpendir, PathField(".")), kHandleReply);
  EXPECT_EQ(OpenStatus("f", kOpenRead), StatusCode::kFailure);
  EXPECT_EQ(AskStatus(kOpendir, PathField(".")), StatusCode::kFailure);
  EXPECT_EQ(Close(first), StatusCode::kOk);
  Open("f", kOpenRead);
}

TEST_F(FileRequestsTest, FsetstatChangesTheOpenFile) {
  const std::string handle = Open("f", kOpenRead | kOpenWrite | kOpenCreate);
  Attributes wanted;
  wanted.size_bytes = 12;
  wanted.mode = S_IFREG | S_ISUID | 0751;
  wanted.times = Attributes::Times{0xfffffff0, 7};
  EXPECT_EQ(AskStatus(kFsetstat, PathAndAttributes(handle, wanted)), StatusCode::kOk);
  const Attributes now = AttributesOfReply(Ask(kFstat, PathField(handle)));
  EXPECT_EQ(*now.size_bytes, 12u);
  EXPECT_EQ(*now.mode, S_IFREG | S_ISUID | 0751u);
  EXPECT_EQ(now.times->access, 0xfffffff0);
  EXPECT_EQ(now.times->modification, 7u);
  EXPECT_EQ(now.owner->user_id, geteuid());
}

TEST_F(FileRequestsTest, FsyncNeedsAFile) {
  const std::string handle = Open("f", kOpenWrite | kOpenCreate);
  EXPECT_EQ(StatusOf(AskExtended("fsync@openssh.com", PathField(handle))), StatusCode::kOk);
  EXPECT_EQ(StatusOf(AskExtended("fsync@openssh.com", PathField("other"))),
            StatusCode::kNoSuchFile);
}

}  // namespace
}  // namespace homeport::agent::sftp
