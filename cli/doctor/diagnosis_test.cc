#include "cli/doctor/diagnosis.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/address.h"
#include "base/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "openssl/evp.h"
#include "openssl/pem.h"
#include "openssl/x509.h"

namespace homeport::doctor {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using State = Finding::State;

constexpr char kPasswd[] =
    "root:x:0:0:root:/root:/bin/bash\ncoder:x:$:1000::/home/coder:/bin/bash\n";

// A certificate that is valid from a day before to a day after.
std::string MakeCertificate() {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), &EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -86400);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 86400);
  X509_set_pubkey(certificate.get(), key.get());
  X509_sign(certificate.get(), key.get(), nullptr);
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
  PEM_write_bio_X509(bio.get(), certificate.get());
  char* text = nullptr;
  const auto size = static_cast<size_t>(BIO_get_mem_data(bio.get(), &text));
  return std::string(text, size);
}

// Greets whoever connects.
class Greeter {
 public:
  explicit Greeter(std::string greeting) : greeting_(std::move(greeting)) {
    absl::StatusOr<UniqueFd> socket = Listen("127.0.0.1:0");
    EXPECT_TRUE(socket.ok()) << socket.status();
    socket_ = *std::move(socket);
    address_ = LocalAddress(socket_.get());
    thread_ = std::thread([this] {
      for (;;) {
        pollfd waiting = {socket_.get(), POLLIN, 0};
        poll(&waiting, 1, -1);
        const UniqueFd peer(accept(socket_.get(), nullptr, nullptr));
        if (!peer.valid()) {
          if (errno == EAGAIN) continue;
          return;
        }
        send(peer.get(), greeting_.data(), greeting_.size(), MSG_NOSIGNAL);
      }
    });
  }
  ~Greeter() {
    shutdown(socket_.get(), SHUT_RDWR);
    thread_.join();
  }
  const std::string& address() const { return address_; }

 private:
  const std::string greeting_;
  UniqueFd socket_;
  std::string address_;
  std::thread thread_;
};

// A workspace as the example recipe makes it, in which all is well.
class DiagnosisTest : public testing::Test {
 protected:
  DiagnosisTest() : sshd_("SSH-2.0-OpenSSH_9.2\r\n") {
    here_.root = testing::TempDir() + "/diagnosis.XXXXXX";
    EXPECT_NE(mkdtemp(here_.root.data()), nullptr);
    here_.uid = getuid();
    here_.now = absl::Now();
    here_.openssh_address = sshd_.address();
    std::string passwd = kPasswd;
    passwd.replace(passwd.find('$'), 1, absl::StrCat(here_.uid));
    // Of one uid the first line counts.
    Write("/etc/passwd", here_.uid == 0 ? passwd.substr(passwd.find('\n') + 1) : passwd);
    EXPECT_TRUE(MakeFolder(here_.root + "/home/coder/.ssh", 0700).ok());
    Write("/home/coder/.ssh/authorized_keys", "ssh-ed25519 AAAA\n", 0600);
    for (const char* program : {"/bin/bash", "/usr/sbin/sshd", "/usr/bin/xauth"}) {
      Write(program, "", 0755);
    }
    Write("/etc/ssh/sshd_config",
          "PermitUserEnvironment yes\nX11Forwarding yes\nX11UseLocalhost no\n");
    Write("/run/ca.pem", MakeCertificate());
    Write("/run/status", "state=connected\nerror=\nworkspace=users/demo/workspaces/dev\n");
    RunAgent({"--coordinator", "c:1", "--ca_file=/run/ca.pem", "--status_file", "/run/status",
              "--credential_file", "/run/credential"});
  }

  void Write(const std::string& path, const std::string& content, mode_t mode = 0644) {
    const std::string whole = here_.root + path;
    EXPECT_TRUE(MakeFolder(whole.substr(0, whole.rfind('/')), 0755).ok());
    EXPECT_TRUE(WriteFileAtomically(whole, content, mode).ok());
  }
  void RunAgent(const std::vector<std::string>& flags) {
    std::string words("/var/tmp/coder/homeport-agent\0run\0", 34);
    for (const std::string& flag : flags) words += flag + '\0';
    Write("/proc/12/cmdline", words);
    Write("/proc/7/cmdline", std::string("/usr/sbin/sshd\0-D\0", 18));
  }
  void Remove(const std::string& path) { EXPECT_EQ(unlink((here_.root + path).c_str()), 0); }

  // What is said about the one thing that is not ok; it must be called so.
  Finding OnlyTrouble(const std::string& name) {
    Finding trouble;
    for (const Finding& finding : Diagnose(here_)) {
      if (finding.state == State::kOk) continue;
      EXPECT_EQ(finding.name, name) << finding.what;
      EXPECT_FALSE(finding.why.empty());
      EXPECT_FALSE(finding.fix.empty());
      trouble = finding;
    }
    EXPECT_EQ(trouble.name, name) << "nothing is said";
    return trouble;
  }
  Finding OnlyMissing(const std::string& name) {
    Finding finding = OnlyTrouble(name);
    EXPECT_EQ(finding.state, State::kMissing);
    return finding;
  }

  Greeter sshd_;
  Surroundings here_;
};

TEST_F(DiagnosisTest, AllIsWell) {
  for (const Finding& finding : Diagnose(here_)) {
    EXPECT_EQ(finding.state, State::kOk) << finding.name << ": " << finding.what;
    EXPECT_FALSE(finding.what.empty());
  }
  EXPECT_EQ(Diagnose(here_).size(), 11u);
}

TEST_F(DiagnosisTest, NoAgentRuns) {
  Remove("/proc/12/cmdline");
  EXPECT_THAT(OnlyMissing("agent").what, HasSubstr("no homeport-agent runs"));
}

TEST_F(DiagnosisTest, TheAgentIsNotConnected) {
  Write("/run/status", "state=disconnected\nerror=coordinator c:1: no route\nworkspace=\n");
  const Finding finding = OnlyMissing("agent");
  EXPECT_THAT(finding.what, HasSubstr("not connected: coordinator c:1: no route"));
  EXPECT_THAT(finding.fix, AllOf(HasSubstr("c:1"), HasSubstr("/run/credential")));
  Remove("/run/status");
  EXPECT_THAT(OnlyMissing("agent").what, HasSubstr("/run/status says nothing"));
}

TEST_F(DiagnosisTest, TheAgentsFlagsAreAlsoInItsEnvironment) {
  RunAgent({});
  EXPECT_EQ(OnlyTrouble("agent").state, State::kNote);
  Write("/proc/12/environ", std::string("A=b\0HOMEPORT_STATUS_FILE=/run/status\0", 37));
  EXPECT_EQ(Diagnose(here_).front().state, State::kOk);
}

TEST_F(DiagnosisTest, TheClockIsWrong) {
  here_.now = absl::FromUnixSeconds(0);
  EXPECT_THAT(OnlyMissing("clock").what, HasSubstr("1970-01-01 00:00:00 UTC, which is long past"));
  here_.now = absl::Now() - absl::Hours(48);
  EXPECT_THAT(OnlyMissing("clock").what, HasSubstr("/run/ca.pem is valid only from "));
  here_.now = absl::Now() + absl::Hours(48);
  EXPECT_THAT(OnlyMissing("clock").what, HasSubstr("/run/ca.pem has ended on "));
}

TEST_F(DiagnosisTest, TheHomeIsNotThere) {
  ASSERT_EQ(rename((here_.root + "/home").c_str(), (here_.root + "/moved").c_str()), 0);
  EXPECT_THAT(OnlyMissing("home").what, HasSubstr("/home/coder is no folder"));
  Write("/home/coder", "a file");
  EXPECT_THAT(OnlyMissing("home").what, HasSubstr("/home/coder is no folder"));
}

TEST_F(DiagnosisTest, TheHomeIsTheOneThatTheAgentWasTold) {
  RunAgent({"--status_file", "/run/status", "--home", "/elsewhere"});
  EXPECT_THAT(OnlyMissing("home").what, HasSubstr("/elsewhere is no folder"));
}

TEST_F(DiagnosisTest, TheHomeCannotBeWrittenTo) {
  if (getuid() == 0) GTEST_SKIP() << "root can write to every folder";
  ASSERT_EQ(chmod((here_.root + "/home/coder").c_str(), 0555), 0);
  EXPECT_THAT(OnlyMissing("home").what, HasSubstr("cannot be written to: Permission denied"));
}

TEST_F(DiagnosisTest, OthersMayWriteTheKeys) {
  ASSERT_EQ(chmod((here_.root + "/home/coder/.ssh").c_str(), 0770), 0);
  EXPECT_EQ(OnlyMissing("keys").fix, "chmod go-w /home/coder/.ssh");
}

TEST_F(DiagnosisTest, ThereIsNoShell) {
  Remove("/bin/bash");
  EXPECT_THAT(OnlyMissing("shell").what, HasSubstr("there is no shell"));
  Write("/busybox/sh", "", 0755);
  here_.environment["SHELL"] = "/busybox/sh";
  const Finding finding = OnlyTrouble("shell");
  EXPECT_EQ(finding.state, State::kNote);
  EXPECT_THAT(finding.what, HasSubstr("sessions get /busybox/sh"));
}

TEST_F(DiagnosisTest, NoOpenSshIsNoTrouble) {
  for (const char* path : {"/usr/sbin/sshd", "/usr/bin/xauth", "/etc/ssh/sshd_config"})
    Remove(path);
  Write("/etc/environment", "PATH=/nowhere\n");
  here_.openssh_address = "127.0.0.1:1";
  const std::vector<Finding> findings = Diagnose(here_);
  EXPECT_EQ(findings.size(), 6u);
  EXPECT_EQ(findings.back().name, "port");
  for (const Finding& finding : findings) EXPECT_EQ(finding.state, State::kOk) << finding.what;
}

TEST_F(DiagnosisTest, OpenSshDoesNotRun) {
  here_.openssh_address = "127.0.0.1:1";
  EXPECT_EQ(OnlyTrouble("port").state, State::kNote);
}

TEST_F(DiagnosisTest, SomethingElseIsOnThePort) {
  const Greeter web("HTTP/1.1 400 Bad Request\r\n");
  RunAgent({"--status_file", "/run/status", "--openssh_address", web.address()});
  EXPECT_THAT(OnlyMissing("port").what, HasSubstr(web.address() + " does not greet as an SSH"));
}

TEST_F(DiagnosisTest, SomethingSilentIsOnThePort) {
  const Greeter silent("");
  here_.openssh_address = silent.address();
  OnlyMissing("port");
}

TEST_F(DiagnosisTest, SshdReadsNoEnvironment) {
  Write("/etc/ssh/sshd_config", "X11Forwarding yes\nX11UseLocalhost no\n");
  EXPECT_THAT(OnlyMissing("user-environment").fix, HasSubstr("\"PermitUserEnvironment yes\""));
}

TEST_F(DiagnosisTest, SshdForwardsNoX11) {
  Write("/etc/ssh/sshd_config", "PermitUserEnvironment yes\nX11UseLocalhost no\n");
  EXPECT_THAT(OnlyMissing("x11").fix, HasSubstr("\"X11Forwarding yes\""));
  Write("/etc/ssh/sshd_config", "PermitUserEnvironment yes\nX11Forwarding yes\n");
  EXPECT_THAT(OnlyMissing("x11").fix, HasSubstr("\"X11UseLocalhost no\""));
}

TEST_F(DiagnosisTest, ThereIsNoXauth) {
  Remove("/usr/bin/xauth");
  EXPECT_THAT(OnlyMissing("xauth").why, HasSubstr("X11 forwarding request failed on channel 0"));
}

TEST_F(DiagnosisTest, SshdTakesNoKeys) {
  const std::string rest = "PermitUserEnvironment yes\nX11Forwarding yes\nX11UseLocalhost no\n";
  Write("/etc/ssh/sshd_config", rest + "PubkeyAuthentication no\n");
  EXPECT_THAT(OnlyMissing("sign-in").what, HasSubstr("PubkeyAuthentication off"));
  Write("/etc/ssh/sshd_config", rest + "AuthorizedKeysFile /etc/keys/%u\n");
  EXPECT_THAT(OnlyMissing("sign-in").what, HasSubstr("/etc/keys/%u"));
}

TEST_F(DiagnosisTest, TheSystemsEnvironmentOverrides) {
  Write("/etc/environment", "# of the distribution\nPATH=\"/bin\"\n LANG=C\n");
  EXPECT_THAT(OnlyMissing("system-environment").what, HasSubstr("sets PATH, LANG"));
  Write("/etc/environment", "\n# nothing\n");
  EXPECT_EQ(Diagnose(here_).back().state, State::kOk);
}

TEST_F(DiagnosisTest, AWorkspaceIsKnownByItsAgentBundleOrEnvironment) {
  EXPECT_TRUE(here_.IsWorkspace());
  Remove("/proc/12/cmdline");
  EXPECT_FALSE(here_.IsWorkspace());
  here_.environment["CODER_WORKSPACE_NAME"] = "dev";
  EXPECT_TRUE(here_.IsWorkspace());
  here_.environment.clear();
  here_.program = "/opt/assets/coder-cli/homeport";
  EXPECT_FALSE(here_.IsWorkspace());
  Write("/opt/assets/homeport-agent", "", 0755);
  EXPECT_TRUE(here_.IsWorkspace());
}

}  // namespace
}  // namespace homeport::doctor
