#include "tests/integration/private_sshd.h"

#include <shadow.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "gtest/gtest.h"
#include "tests/integration/conversation.h"
#include "tests/integration/tcp_connection.h"
#include "tests/integration/wait_for.h"

namespace homeport::story {
namespace {

constexpr int kAttempts = 10;

std::string Program() {
  const char* path = getenv("HOMEPORT_SSHD");
  return path == nullptr || *path == '\0' ? "/usr/sbin/sshd" : path;
}

// Without PAM, sshd takes a locked password for a locked account.
bool RootPasswordLocked() {
  if (geteuid() != 0) return false;
  const spwd* entry = getspnam("root");
  return entry != nullptr && absl::StartsWith(entry->sp_pwdp, "!");
}

}  // namespace

std::string PrivateSshd::WhyNone() {
  if (access(Program().c_str(), X_OK) == 0) return "";
  return absl::StrCat("there is no OpenSSH server at ", Program(),
                      "; set HOMEPORT_SSHD to what dev/sshd prints");
}

void PrivateSshd::WriteFiles(const std::string& port, const std::string& authorized_keys) {
  const std::string config = absl::StrCat(
      configuration_, "ListenAddress 127.0.0.1:", port, "\nHostKey ", folder_,
      "/host_key\nAuthorizedKeysFile ", folder_, "/authorized_keys\nUsePAM ",
      RootPasswordLocked() ? "yes" : "no",
      "\nPidFile none\nStrictModes no\nPermitRootLogin prohibit-password\n"
      "PasswordAuthentication no\nKbdInteractiveAuthentication no\nAcceptEnv LANG LC_*\n"
      "X11Forwarding yes\n"
      "Subsystem sftp internal-sftp\nMaxStartups 400:30:800\nMaxSessions 100\nLogLevel VERBOSE\n");
  ASSERT_TRUE(WriteFileAtomically(folder_ + "/sshd_config", config, 0600).ok());
  ASSERT_TRUE(WriteFileAtomically(folder_ + "/authorized_keys", authorized_keys, 0600).ok());
}

bool PrivateSshd::StartOn(const std::string& port, Service& service) {
  service.SetCommand({Program(), "-D", "-e", "-f", folder_ + "/sshd_config"});
  service.Start();
  bool greeted = false;
  WaitFor(
      [&] {
        TcpConnection connection(absl::StrCat("127.0.0.1:", port));
        greeted = connection.connected() && connection.WaitForBytes(absl::Seconds(5)) &&
                  absl::StartsWith(connection.received(), "SSH-2.0-");
        return greeted || !service.running();
      },
      absl::Seconds(20), "the private sshd to greet");
  return greeted && service.running();
}

std::string PrivateSshd::Start(Service& service, const std::string& authorized_keys) {
  EXPECT_TRUE(MakeFolder(folder_, 0700).ok());
  if (geteuid() == 0) mkdir("/run/sshd", 0755);
  Process::Command keygen;
  keygen.arguments = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder_ + "/host_key"};
  EXPECT_EQ(RunToEnd(keygen).status, 0);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const std::string port = FreePort();
    WriteFiles(port, authorized_keys);
    if (StartOn(port, service)) return absl::StrCat("127.0.0.1:", port);
  }
  ADD_FAILURE() << "the private sshd does not start: " << service.Log();
  return "";
}

}  // namespace homeport::story
