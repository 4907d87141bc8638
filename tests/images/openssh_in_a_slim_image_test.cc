// A slim Debian with its own sshd, started beside the agent by the agent: people who sign in are
// OpenSSH's guests.
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/file.h"
#include "tests/images/container.h"
#include "tests/images/image.h"
#include "tests/integration/private_sshd.h"
#include "tests/integration/tcp_connection.h"
#include "tests/integration/wait_for.h"

namespace homeport::story {
namespace {

// This machine's own programs stand for the distribution's.
constexpr const char* kPrograms[] = {"/bin/bash",   "/bin/sh",       "/usr/bin/cat",
                                     "/usr/bin/id", "/usr/bin/env",  "/usr/bin/scp",
                                     "/usr/bin/ls", "/usr/bin/mkdir"};

// The folder that sshd is installed under: "" for the machine's own, else where dev/sshd has put
// it.
std::string SshdPrefix() {
  const char* path = getenv("HOMEPORT_SSHD");
  absl::string_view launcher = path == nullptr ? "" : path;
  return absl::ConsumeSuffix(&launcher, "/run-sshd") ? std::string(launcher) : "";
}

void AddSshd(Image& image, const std::string& port, const std::string& authorized_keys) {
  for (const char* program :
       {"/usr/sbin/sshd", "/usr/lib/openssh/sshd-session", "/usr/lib/openssh/sshd-auth"}) {
    const std::string file = SshdPrefix() + program;
    if (access(file.c_str(), X_OK) == 0) image.CopyProgram(file, program);
  }
  image.AddFile("/etc/ssh/sshd_config",
                absl::StrCat("ListenAddress 127.0.0.1:", port,
                             "\nUsePAM no\nPidFile /run/sshd.pid\nSubsystem sftp internal-sftp\n"));
  Process::Command keygen;
  keygen.arguments = {"ssh-keygen", "-q", "-t", "ed25519",
                      "-N",         "",   "-f", image.folder() + "/etc/ssh/ssh_host_ed25519_key"};
  EXPECT_EQ(RunToEnd(keygen).status, 0);
  image.AddFolder("/run/sshd");
  image.AddFolder("/root", 0, 0700);
  image.AddFolder("/root/.ssh", 0, 0700);
  const std::string file = image.folder() + "/root/.ssh/authorized_keys";
  EXPECT_TRUE(WriteFileAtomically(file, authorized_keys, 0600).ok());
}

class OpenSshInASlimImage : public Story {
 protected:
  void SetUp() override {
    for (const std::string& why : {WhyNoContainers(), PrivateSshd::WhyNone()}) {
      if (!why.empty()) GTEST_SKIP() << why;
    }
    Story::SetUp();
    const Result keys = world_.Homeport({"keys", "show", "demo"});
    ASSERT_EQ(keys.status, 0) << keys.err;
    Image image(world_.Path("slim.image"));
    for (const char* program : kPrograms) image.CopyProgram(program);
    image.AddFile("/etc/passwd",
                  "root:*:0:0:root:/root:/bin/bash\nsshd:*:101:65534::/run/sshd:/bin/false\n");
    image.AddFile("/etc/group", "root:x:0:\nnogroup:x:65534:\n");
    const std::string port = FreePort();
    AddSshd(image, port, keys.out);
    Container container;
    container.workspace = "slim";
    container.environment = {"PATH=/usr/sbin:/usr/bin:/bin"};
    container.flags = {"--openssh_address", "127.0.0.1:" + port};
    container.command = {"/usr/sbin/sshd", "-D", "-e"};
    ASSERT_NO_FATAL_FAILURE(StartContainer(world_, image, container));
    ASSERT_TRUE(agent().WaitForLog("Server listening"));
    ASSERT_TRUE(world_.WaitForOnline("demo/slim", true));
  }

  Service& agent() { return world_.agent("slim"); }
  Result Run(const std::string& command) { return world_.Ssh({"-l", "slim", "slim", command}); }
};

TEST_F(OpenSshInASlimImage, ServesShellCommandAndFiles) {
  const Result result = Run("echo \"$0 of $(id -un)\"; exit 7");
  EXPECT_EQ(result.out, "bash of root\n") << result.err;
  EXPECT_EQ(result.status, 7);
  EXPECT_TRUE(absl::StrContains(agent().Log(), "Accepted publickey for root"));

  const auto shell = world_.TerminalSsh({"-tt", "-l", "slim", "slim"});
  shell->Send("echo is-$((6*7))-$SSH_TTY\n");
  EXPECT_TRUE(shell->WaitForOutput("is-42-/dev/pts/"));
  shell->Send("exit 3\n");
  EXPECT_EQ(shell->WaitToEnd().status, 3);

  const std::string here = world_.Path("here");
  ASSERT_TRUE(WriteFileAtomically(here, "moved", 0600).ok());
  for (const char* protocol : {"-s", "-O"}) {  // SFTP, and scp's own
    for (const Words& way :
         {Words{here, "slim@slim:/root/there"}, Words{"slim@slim:/root/there", here + ".back"}}) {
      Process::Command scp;
      scp.arguments = {
          "scp",  "-q",  protocol, "-F", world_.Path("ssh_config"), "-i", world_.KeyFile("demo"),
          way[0], way[1]};
      const Result moved = RunToEnd(scp);
      EXPECT_EQ(moved.status, 0) << protocol << ": " << moved.err;
    }
    EXPECT_EQ(ReadFile(here + ".back").value_or(""), "moved");
    unlink((here + ".back").c_str());
  }
}

TEST_F(OpenSshInASlimImage, TheContainerEndsWithItsCommand) {
  // sshd is what it is there for.
  const Result result = Run("kill $(cat /run/sshd.pid)");
  EXPECT_EQ(agent().process().WaitToEnd(absl::Seconds(20)), 0) << result.err << agent().Log();
}

}  // namespace
}  // namespace homeport::story
