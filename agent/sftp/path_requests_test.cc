#include "agent/sftp/path_requests.h"

#include <sys/stat.h>
#include <unistd.h>

#include "agent/sftp/sftp_server_fixture.h"

namespace homeport::agent::sftp {
namespace {

class PathRequestsTest : public SftpServerFixture {
 protected:
  StatusCode Rename(const std::string& from, const std::string& to) {
    return AskStatus(kRename, PathsField(from, to));
  }
  StatusCode PosixRename(const std::string& from, const std::string& to) {
    return StatusOf(AskExtended("posix-rename@openssh.com", PathsField(from, to)));
  }
  // Without the scratch folder's own path.
  std::string Resolved(const std::string& path) {
    const Reply reply = Ask(kRealpath, PathField(path));
    if (reply.type == kStatusReply) return "error";
    const std::string resolved = NameOf(reply);
    return resolved.rfind(folder(), 0) == 0 ? "HERE" + resolved.substr(folder().size()) : resolved;
  }
};

TEST_F(PathRequestsTest, StatFollowsALinkAndLstatDoesNot) {
  MakeFile("f", "12345");
  ASSERT_EQ(symlink("f", "link"), 0);
  const Attributes file = AttributesOfReply(Ask(kStat, PathField("link")));
  EXPECT_EQ(*file.size_bytes, 5u);
  EXPECT_EQ(*file.mode, S_IFREG | 0644u);
  EXPECT_TRUE(S_ISLNK(*AttributesOfReply(Ask(kLstat, PathField("link"))).mode));
  EXPECT_EQ(AskStatus(kStat, PathField("none")), StatusCode::kNoSuchFile);
  EXPECT_EQ(AskStatus(kStat, PathField("f/x")), StatusCode::kNoSuchFile);
  EXPECT_EQ(AskStatus(kStat, PathField(std::string(300, 'x'))), StatusCode::kBadMessage);
}

TEST_F(PathRequestsTest, NamesAreBytes) {
  const std::string name = "line\nfeed \xff\xfe '\"\\ \x1b[31m";
  MakeFile(name, "x");
  EXPECT_EQ(*AttributesOfReply(Ask(kStat, PathField(name))).size_bytes, 1u);
  EXPECT_EQ(AskStatus(kRemove, PathField(name)), StatusCode::kOk);
  EXPECT_NE(access(name.c_str(), F_OK), 0);
}

TEST_F(PathRequestsTest, ANameWithZeroInsideIsMalformed) {
  MakeFile("f", "");
  EXPECT_EQ(AskStatus(kRemove, PathField(absl::string_view("f\0g", 3))), StatusCode::kBadMessage);
  EXPECT_EQ(AskStatus(kRemove, PathField(absl::string_view("f\0\0", 3))), StatusCode::kBadMessage);
  EXPECT_EQ(AskStatus(kRemove, PathField(absl::string_view("f\0", 2))), StatusCode::kOk);
}

TEST_F(PathRequestsTest, SetstatChangesWhatALinkPointsTo) {
  MakeFile("f", "12345");
  ASSERT_EQ(symlink("f", "link"), 0);
  Attributes wanted;
  wanted.size_bytes = 2;
  wanted.mode = 0600;
  wanted.times = Attributes::Times{1000, 2000};
  EXPECT_EQ(AskStatus(kSetstat, PathAndAttributes("link", wanted)), StatusCode::kOk);
  EXPECT_EQ(Content("f"), "12");
  EXPECT_EQ(Lstat("f").st_mode & 07777, 0600u);
  EXPECT_EQ(Lstat("f").st_mtime, 2000);
  EXPECT_NE(Lstat("link").st_mtime, 2000);
}

TEST_F(PathRequestsTest, AFailureDoesNotKeepTheOtherAttributesFromChanging) {
  ASSERT_EQ(mkdir("folder", 0700), 0);
  Attributes wanted;
  wanted.size_bytes = 2;
  wanted.mode = S_ISVTX | 0755;
  EXPECT_EQ(AskStatus(kSetstat, PathAndAttributes("folder", wanted)), StatusCode::kFailure);
  EXPECT_EQ(Lstat("folder").st_mode & 07777, S_ISVTX | 0755u);
}

TEST_F(PathRequestsTest, LsetstatChangesALinkItself) {
  MakeFile("f", "");
  ASSERT_EQ(symlink("f", "link"), 0);
  Attributes wanted;
  wanted.times = Attributes::Times{1000, 2000};
  wanted.owner = Attributes::Owner{geteuid(), getegid()};
  EXPECT_EQ(StatusOf(AskExtended("lsetstat@openssh.com", PathAndAttributes("link", wanted))),
            StatusCode::kOk);
  EXPECT_EQ(Lstat("link").st_mtime, 2000);
  EXPECT_NE(Lstat("f").st_mtime, 2000);
  wanted.size_bytes = 0;
  EXPECT_EQ(StatusOf(AskExtended("lsetstat@openssh.com", PathAndAttributes("link", wanted))),
            StatusCode::kBadMessage);
}

TEST_F(PathRequestsTest, FoldersComeAndGo) {
  Attributes wanted;
  EXPECT_EQ(AskStatus(kMkdir, PathAndAttributes("plain", wanted)), StatusCode::kOk);
  EXPECT_EQ(Lstat("plain").st_mode, S_IFDIR | 0755u);
  wanted.mode = S_IFDIR | S_ISVTX | 0777;
  EXPECT_EQ(AskStatus(kMkdir, PathAndAttributes("sticky", wanted)), StatusCode::kOk);
  EXPECT_EQ(Lstat("sticky").st_mode, S_IFDIR | S_ISVTX | 0755u);
  EXPECT_EQ(AskStatus(kMkdir, PathAndAttributes("plain", wanted)), StatusCode::kFailure);
  EXPECT_EQ(AskStatus(kMkdir, PathAndAttributes("none/x", wanted)), StatusCode::kNoSuchFile);
  MakeFile("plain/f", "");
  EXPECT_EQ(AskStatus(kRmdir, PathField("plain")), StatusCode::kFailure);
  EXPECT_EQ(AskStatus(kRemove, PathField("plain")), StatusCode::kFailure);
  EXPECT_EQ(AskStatus(kRemove, PathField("plain/f")), StatusCode::kOk);
  EXPECT_EQ(AskStatus(kRmdir, PathField("plain")), StatusCode::kOk);
  EXPECT_EQ(AskStatus(kRmdir, PathField("plain")), StatusCode::kNoSuchFile);
}

TEST_F(PathRequestsTest, RenameReplacesNothing) {
  MakeFile("a", "a");
  MakeFile("b", "b");
  EXPECT_EQ(Rename("a", "b"), StatusCode::kFailure);
  EXPECT_EQ(Content("a") + Content("b"), "ab");
  EXPECT_EQ(Rename("a", "c"), StatusCode::kOk);
  EXPECT_EQ(Content("c"), "a");
  EXPECT_NE(access("a", F_OK), 0);
  EXPECT_EQ(Lstat("c").st_nlink, 1u);
  ASSERT_EQ(mkdir("folder", 0700), 0);
  EXPECT_EQ(Rename("folder", "b"), StatusCode::kFailure);
  EXPECT_EQ(Rename("folder", "moved"), StatusCode::kOk);
  EXPECT_TRUE(S_ISDIR(Lstat("moved").st_mode));
  EXPECT_EQ(Rename("none", "x"), StatusCode::kNoSuchFile);
}

TEST_F(PathRequestsTest, PosixRenameReplaces) {
  MakeFile("a", "a");
  MakeFile("b", "b");
  EXPECT_EQ(PosixRename("a", "b"), StatusCode::kOk);
  EXPECT_EQ(Content("b"), "a");
  EXPECT_NE(access("a", F_OK), 0);
}

TEST_F(PathRequestsTest, LinksPointWhereTheyShould) {
  MakeFile("f", "f");
  // The target first (OpenSSH PROTOCOL, 4.1).
  EXPECT_EQ(AskStatus(kSymlink, PathsField("any where", "link")), StatusCode::kOk);
  EXPECT_EQ(NameOf(Ask(kReadlink, PathField("link"))), "any where");
  EXPECT_EQ(AskStatus(kSymlink, PathsField("x", "link")), StatusCode::kFailure);
  EXPECT_EQ(AskStatus(kReadlink, PathField("f")), StatusCode::kBadMessage);  // EINVAL
  EXPECT_EQ(StatusOf(AskExtended("hardlink@openssh.com", PathsField("f", "g"))), StatusCode::kOk);
  EXPECT_EQ(Lstat("g").st_ino, Lstat("f").st_ino);
}

TEST_F(PathRequestsTest, RealpathIsAbsoluteAndWithoutLinks) {
  ASSERT_EQ(mkdir("d", 0700), 0);
  ASSERT_EQ(mkdir("d/e", 0700), 0);
  MakeFile("f", "");
  ASSERT_EQ(symlink("d/e", "link"), 0);
  ASSERT_EQ(symlink("../f", "d/up"), 0);
  ASSERT_EQ(symlink("/", "root"), 0);
  EXPECT_EQ(Resolved(""), "HERE");
  EXPECT_EQ(Resolved("."), "HERE");
  EXPECT_EQ(Resolved("/"), "/");
  EXPECT_EQ(Resolved("/.."), "/");
  EXPECT_EQ(Resolved("//proc//../."), "/");
  EXPECT_EQ(Resolved("link/.."), "HERE/d");
  EXPECT_EQ(Resolved("d/up"), "HERE/f");
  EXPECT_EQ(Resolved("root/proc/.."), "/");
  EXPECT_EQ(Resolved("f/x"), "error");
}

TEST_F(PathRequestsTest, RealpathNeedsNoLastPart) {
  ASSERT_EQ(symlink("nowhere", "dangling"), 0);
  EXPECT_EQ(Resolved("none"), "HERE/none");
  EXPECT_EQ(Resolved("dangling"), "HERE/nowhere");
  EXPECT_EQ(Resolved("none/"), "error");
  EXPECT_EQ(Resolved("none/x"), "error");
  EXPECT_EQ(Resolved("none/.."), "error");
}

TEST_F(PathRequestsTest, RealpathEndsWhateverTheLinksSay) {
  ASSERT_EQ(symlink("loop/x", "loop"), 0);
  EXPECT_EQ(Resolved("loop"), "error");
  EXPECT_EQ(Resolved(std::string(5000, 'x')), "error");
  std::string deep;
  for (int i = 0; i < 2000; ++i) deep += "./";
  EXPECT_EQ(Resolved(deep), "HERE");
}

TEST_F(PathRequestsTest, ExpandPathKnowsHomeFolders) {
  EXPECT_EQ(NameOf(AskExtended("expand-path@openssh.com", PathField("~/x"))), folder() + "/x");
  EXPECT_EQ(NameOf(AskExtended("expand-path@openssh.com", PathField("x~"))), folder() + "/x~");
  EXPECT_EQ(NameOf(AskExtended("expand-path@openssh.com", PathField("~root/."))), "/root");
  EXPECT_EQ(StatusOf(AskExtended("expand-path@openssh.com", PathField("~no such user/x"))),
            StatusCode::kNoSuchFile);
}

}  // namespace
}  // namespace homeport::agent::sftp
