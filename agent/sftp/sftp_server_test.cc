#include "agent/sftp/sftp_server.h"

#include <unistd.h>

#include "agent/sftp/sftp_server_fixture.h"
#include "gmock/gmock.h"

namespace homeport::agent::sftp {
namespace {

using ::testing::HasSubstr;

class SftpServerTest : public SftpServerFixture {
 protected:
  // A server that has seen nothing yet.
  absl::Status FeedNew(absl::string_view bytes) {
    PosixFileSystem files;
    SystemAccounts accounts;
    ByteBuffer input(2 * SftpServer::kLeastBufferBytes);
    ByteBuffer output(SftpServer::kLeastBufferBytes);
    SftpServer server(files, accounts, {}, output);
    input.Append(bytes);
    return server.Serve(input);
  }
};

TEST_F(SftpServerTest, RequestsArriveInAnyPieces) {
  MakeFile("f", "");
  const std::string requests =
      Packet(kStat, 1, PathField("f")) + Packet(kStat, 2, PathField("none"));
  for (const char byte : requests) ASSERT_TRUE(Feed(absl::string_view(&byte, 1)).ok());
  const std::vector<Reply> replies = TakeReplies();
  ASSERT_EQ(replies.size(), 2u);
  EXPECT_EQ(replies[0].id, 1u);
  EXPECT_EQ(replies[0].type, kAttrsReply);
  EXPECT_EQ(replies[1].id, 2u);
  EXPECT_EQ(StatusOf(replies[1]), StatusCode::kNoSuchFile);
}

TEST_F(SftpServerTest, StreamsThatAreNotSftpEnd) {
  EXPECT_THAT(FeedNew("SSH-2.0-x\r\n").message(), HasSubstr("a packet of 1397966893 bytes"));
  EXPECT_FALSE(FeedNew(absl::string_view("\0\0\0\0", 4)).ok());
  EXPECT_FALSE(FeedNew(absl::string_view("\0\4\0\1", 4)).ok());  // one more than may be
  EXPECT_TRUE(FeedNew(absl::string_view("\0\4\0\0", 4)).ok());
  EXPECT_FALSE(FeedNew(Packet(kStat, 1, PathField("f"))).ok());        // before INIT
  EXPECT_FALSE(FeedNew(absl::string_view("\0\0\0\3\1\0\0", 7)).ok());  // INIT without version
}

TEST_F(SftpServerTest, MalformedRequestsAreBadMessages) {
  const Attributes nothing;
  const std::string handle = Open("f", kOpenRead | kOpenWrite | kOpenCreate);
  struct Whole {
    uint8_t type;
    std::string fields;
  };
  const std::vector<Whole> requests = {
      {kOpen, WireWriter().String("f").Uint32(kOpenRead).Uint32(0).bytes()},
      {kClose, PathField(handle)},
      {kRead, WireWriter().String(handle).Uint64(0).Uint32(1).bytes()},
      {kWrite, WireWriter().String(handle).Uint64(0).String("data").bytes()},
      {kLstat, PathField("f")},
      {kFstat, PathField(handle)},
      {kSetstat, PathAndAttributes("f", nothing)},
      {kFsetstat, PathAndAttributes(handle, nothing)},
      {kOpendir, PathField(".")},
      {kReaddir, PathField(handle)},
      {kRemove, PathField("f")},
      {kMkdir, PathAndAttributes("d", nothing)},
      {kRmdir, PathField("d")},
      {kRealpath, PathField("f")},
      {kStat, PathField("f")},
      {kRename, PathsField("f", "g")},
      {kReadlink, PathField("f")},
      {kSymlink, PathsField("f", "g")},
      {kExtended, PathsField("posix-rename@openssh.com", "f") + PathField("g")},
      {kExtended, PathsField("statvfs@openssh.com", "f")},
      {kExtended, PathsField("fstatvfs@openssh.com", handle)},
      {kExtended, PathsField("hardlink@openssh.com", "f") + PathField("g")},
      {kExtended, PathsField("fsync@openssh.com", handle)},
      {kExtended, PathField("lsetstat@openssh.com") + PathAndAttributes("f", nothing)},
      {kExtended, PathsField("expand-path@openssh.com", "f")},
      {kExtended, PathsField("home-directory", "root")},
      {kExtended, PathsField("users-groups-by-id@openssh.com", "") + PathField("")},
      {kExtended, WireWriter()
                      .String("copy-data")
                      .String(handle)
                      .Uint64(0)
                      .Uint64(0)
                      .String(handle)
                      .Uint64(0)
                      .bytes()},
  };
  for (const Whole& request : requests) {
    for (const size_t cut : {1, 2, 4}) {
      const auto fields = absl::string_view(request.fields);
      EXPECT_EQ(AskStatus(request.type, fields.substr(0, fields.size() - cut)),
                StatusCode::kBadMessage)
          << "type " << static_cast<int>(request.type) << " without its last " << cut;
    }
  }
  EXPECT_EQ(Content("f"), "");
  EXPECT_EQ(AskStatus(kWrite, WireWriter().String(handle).Uint64(0).Uint32(0xffffffff).bytes()),
            StatusCode::kBadMessage);
  EXPECT_EQ(
      AskStatus(kSetstat, WireWriter().String("f").Uint32(0x80000000).Uint32(0xffffffff).bytes()),
      StatusCode::kBadMessage);
}

TEST_F(SftpServerTest, WhatFollowsTheFieldsIsIgnored) {
  MakeFile("f", "");
  EXPECT_EQ(Ask(kStat, PathField("f") + "more").type, kAttrsReply);
}

TEST_F(SftpServerTest, UnknownRequestsAreUnsupported) {
  EXPECT_EQ(AskStatus(21, ""), StatusCode::kOpUnsupported);
  EXPECT_EQ(AskStatus(255, "anything"), StatusCode::kOpUnsupported);
}

TEST_F(SftpServerTest, AReadOnlyServerChangesNothing) {
  MakeFile("f", "content");
  StartServer({/*read_only=*/true, /*most_handles=*/10});
  const auto open = [](uint32_t flags) {
    return WireWriter().String("f").Uint32(flags).Uint32(0).bytes();
  };
  Attributes wanted;
  wanted.size_bytes = 0;
  for (const auto& [type, fields] : std::vector<std::pair<uint8_t, std::string>>{
           {kOpen, open(kOpenWrite)},
           {kOpen, open(kOpenRead | kOpenCreate)},
           {kOpen, open(kOpenRead | kOpenTruncate)},
           {kSetstat, PathAndAttributes("f", wanted)},
           {kRemove, PathField("f")},
           {kMkdir, PathAndAttributes("d", {})},
           {kRmdir, PathField("d")},
           {kRename, PathsField("f", "g")},
           {kSymlink, PathsField("f", "g")},
           {kExtended, PathsField("posix-rename@openssh.com", "f") + PathField("g")},
           {kExtended, PathsField("hardlink@openssh.com", "f") + PathField("g")},
           {kExtended, PathField("lsetstat@openssh.com") + PathAndAttributes("f", {})}}) {
    EXPECT_EQ(AskStatus(type, fields), StatusCode::kPermissionDenied) << static_cast<int>(type);
  }
  const std::string handle = Open("f", kOpenRead);
  EXPECT_EQ(Read(handle, 0, 100), "content");
  EXPECT_EQ(Write(handle, 0, "x"), StatusCode::kPermissionDenied);
  EXPECT_EQ(AskStatus(kFsetstat, PathAndAttributes(handle, wanted)), StatusCode::kPermissionDenied);
}

TEST_F(SftpServerTest, ServesNoMoreThanTheOutputHolds) {
  const std::string handle = Open("f", kOpenRead | kOpenWrite | kOpenCreate);
  ASSERT_EQ(Write(handle, 0, std::string(200000, 'x')), StatusCode::kOk);
  std::string requests;
  for (uint32_t id = 1; id <= 100; ++id) {
    requests += Packet(kRead, id, WireWriter().String(handle).Uint64(0).Uint32(200000).bytes());
  }
  ASSERT_TRUE(Feed(requests).ok());
  uint32_t answered = 0;
  while (answered < 100) {
    EXPECT_LE(output().size(), 2 * SftpServer::kLeastBufferBytes);
    const std::vector<Reply> replies = TakeReplies();
    ASSERT_FALSE(replies.empty());
    for (const Reply& reply : replies) {
      EXPECT_EQ(reply.id, ++answered);
      EXPECT_EQ(StringOf(reply, kDataReply).size(), 200000u);
    }
    ASSERT_TRUE(Feed("").ok());
  }
}

}  // namespace
}  // namespace homeport::agent::sftp
