// In whatever image the bundle is mounted, ssh gets a shell and runs a command, and scp and sftp
// move files: with an account or without, with a home or without, read-only or not, whatever C
// library.
#include <unistd.h>

#include <memory>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "tests/images/container.h"
#include "tests/images/image.h"

namespace homeport::story {
namespace {

struct Case {
  const char* name;
  std::string (*why_not)();
  // Makes the image, and says what is special about how it runs.
  void (*make)(Image& image, Container& container);
  const char* shell;   // that sessions get
  const char* home;    // where sessions begin
  const char* folder;  // that the user may write to
  uid_t uid = 0;
};

std::string Never() { return ""; }

void MakeBusybox(Image& image, Container&) {
  image.AddBusybox();
  image.AddFile("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
  image.AddFolder("/root", 0, 0700);
}

// Alpine's shape: a musl that is no use to us, no file of glibc's, an account of its own, and an
// nsswitch.conf that names what the image does not have.
void MakeMusl(Image& image, Container&) {
  image.AddBusybox();
  image.Copy("/lib/ld-musl-x86_64.so.1");
  image.AddFile("/etc/passwd",
                "root:x:0:0:root:/root:/bin/ash\ncoder:x:1000:1000::/home/coder:/bin/ash\n");
  image.AddFile("/etc/nsswitch.conf", "passwd: sss systemd\nhosts: mymachines resolve\n");
  image.AddFile("/etc/ssl/openssl.cnf", "this is no configuration of OpenSSL = [\n");
  image.AddFolder("/home/coder", 1000, 0755);
}

void MakeNoAccount(Image& image, Container& container) {
  image.AddBusybox();
  container.environment = {"HOME=/nonexistent", "PATH=/bin"};
}

void MakeReadOnly(Image& image, Container& container) {
  image.AddBusybox();
  image.AddFile("/etc/passwd", "coder:x:1000:1000::/home/coder:/bin/bash\n");
  image.AddFolder("/home/coder", 1000, 0755);
  container.read_only = true;
}

// A program, and one shell that was put there to look at it.
void MakeDistroless(Image& image, Container& container) {
  image.Copy("/bin/busybox", "/busybox/busybox");
  for (const char* name : {"cat", "id", "sh"}) {
    image.AddLink(absl::StrCat("/busybox/", name), "busybox");
  }
  image.AddFile("/etc/passwd", "nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n");
  image.AddFolder("/home/nonroot", 65532, 0700);
  container.environment = {"SHELL=/busybox/sh", "PATH=/busybox"};
}

const Case kCases[] = {
    {"busybox", Image::WhyNoBusybox, MakeBusybox, "/bin/sh", "/root", "/root", 0},
    {"musl", Image::WhyNoMusl, MakeMusl, "/bin/ash", "/home/coder", "/home/coder", 1000},
    {"noaccount", Never, MakeNoAccount, "/bin/sh", "/", "/tmp", 4711},
    {"readonly", Never, MakeReadOnly, "/bin/sh", "/home/coder", "/dev/shm", 1000},
    {"distroless", Never, MakeDistroless, "/busybox/sh", "/home/nonroot", "/home/nonroot", 65532},
};

class SshWorksInAnyImage : public testing::TestWithParam<Case> {
 protected:
  static void TearDownTestSuite() {
    world_.reset();
    started_.clear();
  }

  // The world and its containers stay for the suite's other tests.
  void SetUp() override {
    for (const std::string& why :
         {WhyNoContainers(), Image::WhyNoBusybox(), GetParam().why_not()}) {
      if (!why.empty()) GTEST_SKIP() << why;
    }
    if (world_ == nullptr) {
      world_ = std::make_unique<World>();
      ASSERT_NO_FATAL_FAILURE(world_->Start());
    }
    if (!started_.insert(name()).second) return;
    Image image(world_->Path(name() + ".image"));
    Container container;
    container.workspace = name();
    container.uid = GetParam().uid;
    GetParam().make(image, container);
    ASSERT_NO_FATAL_FAILURE(StartContainer(*world_, image, container));
    ASSERT_TRUE(world_->WaitForOnline("demo/" + name(), true));
  }

  static std::string name() { return GetParam().name; }
  static Words Ssh(const Words& options, const std::string& command) {
    Words words = options;
    words.insert(words.end(), {"-l", name(), name()});
    if (!command.empty()) words.push_back(command);
    return words;
  }
  // scp or sftp, with the world's ssh_config and key.
  static Result Move(const std::string& program, const Words& words, absl::string_view input = "") {
    Process::Command command;
    command.arguments = {
        program, "-q", "-F", world_->Path("ssh_config"), "-i", world_->KeyFile("demo")};
    command.arguments.insert(command.arguments.end(), words.begin(), words.end());
    return RunToEnd(command, input);
  }
  static std::string There(const std::string& path) {
    return absl::StrCat(name(), "@", name(), ":", path);
  }

  static std::unique_ptr<World> world_;
  static std::set<std::string> started_;
};
std::unique_ptr<World> SshWorksInAnyImage::world_;
std::set<std::string> SshWorksInAnyImage::started_;

INSTANTIATE_TEST_SUITE_P(Image, SshWorksInAnyImage, testing::ValuesIn(kCases),
                         [](const testing::TestParamInfo<Case>& it) {
                           return std::string(it.param.name);
                         });

TEST_P(SshWorksInAnyImage, ACommandRuns) {
  const Result result =
      world_->Ssh(Ssh({}, "echo \"$SHELL in $(pwd)\"; cat >/dev/null; echo oops >&2; exit 7"));
  EXPECT_EQ(result.out, absl::StrCat(GetParam().shell, " in ", GetParam().home, "\n"));
  EXPECT_EQ(result.err, "oops\n");
  EXPECT_EQ(result.status, 7);
}

TEST_P(SshWorksInAnyImage, AShellOnATerminalStarts) {
  const auto shell = world_->TerminalSsh(Ssh({"-tt"}, ""));
  shell->Send("echo is-$((6*7))-$SSH_TTY\n");
  EXPECT_TRUE(shell->WaitForOutput("is-42-/dev/pts/"));
  shell->Send("exit 3\n");
  EXPECT_EQ(shell->WaitToEnd().status, 3);
}

TEST_P(SshWorksInAnyImage, ScpMovesAFile) {
  const std::string content(300000, 'x');
  const std::string here = world_->Path("here");
  const std::string there = absl::StrCat(GetParam().folder, "/by scp");
  ASSERT_TRUE(WriteFileAtomically(here, content, 0600).ok());
  const Result put = Move("scp", {here, There(there)});
  ASSERT_EQ(put.status, 0) << put.err;
  const Result got = Move("scp", {There(there), here + ".back"});
  ASSERT_EQ(got.status, 0) << got.err;
  EXPECT_EQ(ReadFile(here + ".back").value_or(""), content);
  unlink((here + ".back").c_str());
}

TEST_P(SshWorksInAnyImage, SftpMovesAFile) {
  const std::string here = world_->Path("here");
  ASSERT_TRUE(WriteFileAtomically(here, "by sftp", 0600).ok());
  const Result result =
      Move("sftp", {"-b", "-", There(GetParam().folder)},
           absl::StrCat("put ", here, " moved\nrename moved again\nget again ", here, ".back\n"));
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(ReadFile(here + ".back").value_or(""), "by sftp");
  unlink((here + ".back").c_str());
}

TEST_P(SshWorksInAnyImage, TheUserIsTheImages) {
  EXPECT_EQ(world_->Ssh(Ssh({}, "id -u")).out, absl::StrCat(GetParam().uid, "\n"));
}

}  // namespace
}  // namespace homeport::story
