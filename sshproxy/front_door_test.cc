// The front door with the real ssh in front of it and the real sshd behind it. The coordinator is a
// small fake, and tunnels are plain connections to sshd, as an agent's would be after its preamble.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "base/address.h"
#include "base/file.h"
#include "base/ssh_wire.h"
#include "base/test_key.h"
#include "ssh/library.h"
#include "sshproxy/acceptor.h"
#include "sshproxy/loop_thread.h"

namespace homeport {
namespace {

// An Ed25519 key pair made by ssh-keygen.
struct KeyPair {
  std::string file;
  std::string public_blob;
};

KeyPair MakeKey(const std::string& file) {
  EXPECT_EQ(system(absl::StrCat("ssh-keygen -q -t ed25519 -N '' -f '", file, "'").c_str()), 0);
  const std::vector<std::string> words = absl::StrSplit(*ReadFile(file + ".pub"), ' ');
  KeyPair pair{file, ""};
  EXPECT_TRUE(words.size() > 1 && absl::Base64Unescape(words[1], &pair.public_blob));
  return pair;
}

// The signature algorithm that a request names (RFC 4252, 7).
std::string AlgorithmOf(const std::string& to_sign) {
  WireReader reader(to_sign);
  reader.String();  // the session's identifier
  reader.Byte();
  for (int i = 0; i < 3; ++i) reader.String();  // user, service, method
  reader.Bool();
  return std::string(reader.String());
}

std::string CurrentUser() {
  const char* user = getenv("USER");
  if (geteuid() == 0) return "root";
  return user == nullptr ? "nobody" : user;
}

// Answers at once, from the thread that asks.
class FakeBroker : public SessionBroker {
 public:
  // `owner_key` is the person's, `workspace_key` what lets us in to the workspace.
  FakeBroker(PendingTunnels& pending, const KeyPair& owner_key, const TestKey& workspace_key)
      : tunnels_(pending), owner_(owner_key), workspace_key_(workspace_key) {}

  void OpenSession(const SignIn& sign_in,
                   std::function<void(absl::StatusOr<SessionGrant>)> callback) override {
    const Behaviour behaviour = Now();
    EXPECT_GE(sign_in.session_identifier.size(), 32U);
    if (!behaviour.open_status.ok()) {
      Set([](Behaviour& now) {
        if (--now.unavailable_times == 0) now.open_status = absl::OkStatus();
      });
      callback(behaviour.open_status);
      return;
    }
    if (sign_in.public_key != owner_.public_blob) {
      callback(absl::UnauthenticatedError("unknown key"));
      return;
    }
    SessionGrant grant;
    grant.user = "users/demo";
    grant.refusal = behaviour.refusal;
    grant.policy = behaviour.policy;
    if (behaviour.refusal.empty()) {
      grant.session_id = "s1";
      grant.workspace = "users/demo/workspaces/dev";
      grant.os_user = CurrentUser();
      grant.public_key = workspace_key_.PublicBlob();
    }
    const auto dial = [&] {
      auto socket = Connect(behaviour.backend_address, absl::Seconds(5));
      ASSERT_TRUE(socket.ok()) << socket.status();
      EXPECT_TRUE(tunnels_.Claim(sign_in.ticket, *socket, 2, absl::Now()));
    };
    if (behaviour.backend_address.empty()) {
      callback(grant);
      return;
    }
    if (behaviour.dial_first) dial();
    callback(grant);
    if (!behaviour.dial_first) dial();
  }
  void Sign(const SignatureRequest& request,
            std::function<void(absl::StatusOr<std::string>)> callback) override {
    if (const absl::Status status = Now().sign_status; !status.ok()) {
      callback(status);
    } else {
      const std::string algorithm = AlgorithmOf(request.data);
      Set([&](Behaviour& now) { now.signed_with = algorithm; });
      callback(workspace_key_.Sign(request.data, algorithm));
    }
  }
  void ReportEnd(const SessionEnd& end) override {
    absl::MutexLock lock(&mutex_);
    ends_.push_back(end);
  }
  void ReportTraffic(const std::vector<SessionReport>& reports) override {
    absl::MutexLock lock(&mutex_);
    reports_.insert(reports_.end(), reports.begin(), reports.end());
  }
  SessionReport WaitForReport() {
    absl::MutexLock lock(&mutex_);
    const auto some = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !reports_.empty(); };
    EXPECT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&some), absl::Seconds(10)))
        << "waited for a report on a session";
    return reports_.empty() ? SessionReport{} : reports_.back();
  }
  SessionEnd WaitForEnd() {
    absl::MutexLock lock(&mutex_);
    const auto some = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !ends_.empty(); };
    EXPECT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&some), absl::Seconds(10)))
        << "waited for the end of a session to be reported";
    return ends_.empty() ? SessionEnd{} : ends_.back();
  }

  struct Behaviour {
    absl::Status open_status;
    absl::Status sign_status;
    std::string refusal;
    SessionPolicy policy;
    std::string backend_address;
    bool dial_first = false;
    int unavailable_times = -1;  // after so many answers open_status is OK
    std::string signed_with;     // the last signature's algorithm
  };
  std::string signed_with() { return Now().signed_with; }
  // Changes how the coordinator behaves from now on.
  void Set(const std::function<void(Behaviour&)>& change) {
    absl::MutexLock lock(&mutex_);
    change(behaviour_);
  }

 private:
  Behaviour Now() {
    absl::MutexLock lock(&mutex_);
    return behaviour_;
  }

  PendingTunnels& tunnels_;
  const KeyPair& owner_;
  const TestKey& workspace_key_;
  absl::Mutex mutex_;
  Behaviour behaviour_ ABSL_GUARDED_BY(mutex_);
  std::vector<SessionEnd> ends_ ABSL_GUARDED_BY(mutex_);
  std::vector<SessionReport> reports_ ABSL_GUARDED_BY(mutex_);
};

struct Result {
  int status = -1;
  std::string out, err;
};

class FrontDoorTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { ssh::InitLibrary(); }

  void SetUp() override {
    folder_ = testing::TempDir() + "front_door_" + std::to_string(getpid()) + "_" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(folder_);
    owner_ = MakeKey(folder_ + "/owner");
    stranger_ = MakeKey(folder_ + "/stranger");
    const KeyPair host = MakeKey(folder_ + "/host");
    broker_ = std::make_unique<FakeBroker>(tunnels_, owner_, workspace_key_);
    directory_ = std::make_unique<SessionDirectory>(metrics_);
    const UserConnection::Services services{*broker_, tunnels_, metrics_, absl::Seconds(30),
                                            absl::Seconds(2)};
    thread_ = std::make_unique<LoopThread>(services, *directory_);
    thread_->SetHostKeys(*ssh::HostKeys::Parse({*ReadFile(host.file)}), {});
    auto listener = Listen("127.0.0.1:0");
    ASSERT_TRUE(listener.ok()) << listener.status();
    address_ = *ParseHostPort(LocalAddress(listener->get()));
    auto shared = std::make_shared<UniqueFd>(*std::move(listener));
    thread_->loop().Post([this, shared] {
      acceptor_ = std::make_unique<Acceptor>(
          thread_->loop(), std::move(*shared),
          [this](UniqueFd socket) { thread_->Serve(std::move(socket)); }, [](int) {});
    });
    std::ofstream(folder_ + "/known_hosts") << "[127.0.0.1]:" << address_.port << " ssh-ed25519 "
                                            << absl::Base64Escape(host.public_blob) << "\n";
  }

  void TearDown() override {
    if (sshd_ > 0) {
      kill(sshd_, SIGTERM);
      waitpid(sshd_, nullptr, 0);
    }
    absl::Notification done;
    thread_->loop().Post([&] {
      acceptor_.reset();
      done.Notify();
    });
    done.WaitForNotification();
    thread_.reset();
    std::filesystem::remove_all(folder_);
  }

  // Starts a private sshd that lets the workspace's key in. False if this machine has none.
  bool StartSshd(const std::string& more_configuration = "") {
    const char* from_environment = getenv("HOMEPORT_SSHD");
    const std::string sshd = from_environment == nullptr ? "/usr/sbin/sshd" : from_environment;
    if (!std::filesystem::exists(sshd)) return false;
    MakeKey(folder_ + "/sshd_host");
    const std::string address = LocalAddress(Listen("127.0.0.1:0")->get());
    const int port = ParseHostPort(address)->port;
    if (geteuid() == 0) std::filesystem::create_directories("/run/sshd");
    const std::string blob = workspace_key_.PublicBlob();
    std::ofstream(folder_ + "/authorized_keys")
        << WireReader(blob).String() << " " << absl::Base64Escape(blob) << "\n";
    std::ofstream(folder_ + "/sshd_config")
        << more_configuration << "ListenAddress 127.0.0.1\nPort " << port << "\nHostKey " << folder_
        << "/sshd_host\n"
        << "AuthorizedKeysFile " << folder_ << "/authorized_keys\nStrictModes no\nUsePAM no\n"
        << "PidFile none\nPermitRootLogin yes\nSubsystem sftp internal-sftp\n";
    sshd_ = fork();
    if (sshd_ == 0) {
      execl(sshd.c_str(), sshd.c_str(), "-D", "-e", "-f", (folder_ + "/sshd_config").c_str(),
            nullptr);
      _exit(127);
    }
    const absl::Time deadline = absl::Now() + absl::Seconds(10);
    while (!Connect(address, absl::Seconds(1)).ok()) {
      if (absl::Now() > deadline || waitpid(sshd_, nullptr, WNOHANG) != 0) {
        ADD_FAILURE() << "sshd does not listen at " << address;
        return false;
      }
      absl::SleepFor(absl::Milliseconds(20));
    }
    broker_->Set([&](FakeBroker::Behaviour& now) { now.backend_address = address; });
    return true;
  }

  std::string SshCommand(const std::string& options, const std::string& key) const {
    return absl::StrCat("timeout 60 ssh -F none -o BatchMode=yes -o IdentitiesOnly=yes ",
                        "-o IdentityAgent=none -o UserKnownHostsFile=", folder_, "/known_hosts ",
                        "-o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes -i ", key,
                        " -p ", address_.port, " dev@127.0.0.1 ", options);
  }

  Result Ssh(const std::string& arguments, const std::string& key = "") {
    const std::string command = absl::StrCat(SshCommand(arguments, key.empty() ? owner_.file : key),
                                             " > ", folder_, "/out 2> ", folder_, "/err");
    const int status = system(absl::StrCat("bash -c ", Quote(command)).c_str());
    return {WEXITSTATUS(status), *ReadFile(folder_ + "/out", 1 << 28), *ReadFile(folder_ + "/err")};
  }

  static std::string Quote(const std::string& text) {
    return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "'\\''"}}), "'");
  }

  std::string folder_;
  KeyPair owner_, stranger_;
  TestKey workspace_key_{"ssh-ed25519"};
  HostPort address_;
  PendingTunnels tunnels_;
  ProxyMetrics metrics_;
  std::unique_ptr<FakeBroker> broker_;
  std::unique_ptr<SessionDirectory> directory_;
  std::unique_ptr<LoopThread> thread_;
  std::unique_ptr<Acceptor> acceptor_;
  pid_t sshd_ = -1;
};

#define NEED_SSHD() \
  if (!StartSshd()) GTEST_SKIP() << "no sshd: set HOMEPORT_SSHD or install openssh-server"

TEST_F(FrontDoorTest, RunsACommandAndReturnsItsStatus) {
  NEED_SSHD();
  const Result result = Ssh("'echo hello; echo oops >&2; exit 7'");
  EXPECT_EQ(result.status, 7);
  EXPECT_EQ(result.out, "hello\n");
  EXPECT_EQ(result.err, "oops\n");
  const SessionEnd end = broker_->WaitForEnd();
  EXPECT_EQ(end.session_id, "s1");
  EXPECT_EQ(end.traffic.bytes_to_user, 11);
  EXPECT_EQ(end.traffic.channels[static_cast<size_t>(ChannelKind::kExec)].total, 1);
}

TEST_F(FrontDoorTest, AReaderThatLeavesEndsTheCommand) {
  NEED_SSHD();
  const std::string command =
      absl::StrCat(SshCommand("cat /dev/zero", owner_.file), " | head -c 1000");
  const absl::Time start = absl::Now();
  EXPECT_EQ(system(absl::StrCat("bash -c ", Quote(command), " > /dev/null").c_str()), 0);
  EXPECT_LT(absl::Now() - start, absl::Seconds(50)) << "ssh was ended by its time limit";
}

TEST_F(FrontDoorTest, ATunnelThatIsQuickerThanTheAnswerIsKept) {
  NEED_SSHD();
  broker_->Set([&](FakeBroker::Behaviour& now) { now.dial_first = true; });
  EXPECT_EQ(Ssh("echo early").out, "early\n");
}

TEST_F(FrontDoorTest, CarriesEveryByteBothWaysAtOnceWhileKeysAreExchangedAnew) {
  NEED_SSHD();
  ASSERT_EQ(system(absl::StrCat("head -c 67108864 /dev/urandom > ", folder_, "/big").c_str()), 0);
  const std::string command = absl::StrCat(SshCommand("cat", owner_.file), " -o RekeyLimit=8M < ",
                                           folder_, "/big | cmp - ", folder_, "/big");
  EXPECT_EQ(system(absl::StrCat(
                       "bash -o pipefail -c ",
                       Quote(absl::StrReplaceAll(command, {{"-F none", "-F none -o RekeyLimit=8M"},
                                                           {" -o RekeyLimit=8M <", " <"}})))
                       .c_str()),
            0);
  const SessionEnd end = broker_->WaitForEnd();
  EXPECT_EQ(end.traffic.bytes_to_user, 67108864);
  EXPECT_EQ(end.traffic.bytes_to_workspace, 67108864);
}

TEST_F(FrontDoorTest, AKeyThatNobodyHasIsRefused) {
  const Result result = Ssh("true", stranger_.file);
  EXPECT_EQ(result.status, 255);
  EXPECT_TRUE(absl::StrContains(result.err, "Permission denied (publickey)")) << result.err;
}

TEST_F(FrontDoorTest, ARefusalIsASentenceOnStandardErrorAndStatus255) {
  broker_->Set([&](FakeBroker::Behaviour& now) { now.refusal = "The workspace dev is offline."; });
  for (const char* arguments : {"true", "-tt", "-s sftp"}) {
    const Result result = Ssh(arguments);
    EXPECT_EQ(result.status, 255) << arguments;
    EXPECT_TRUE(absl::StrContains(absl::StrCat(result.out, result.err),
                                  "homeport: The workspace dev is offline."))
        << arguments << ": " << result.out << result.err;
  }
}

TEST_F(FrontDoorTest, ACoordinatorThatIsAwayIsAPlainSentence) {
  broker_->Set([&](FakeBroker::Behaviour& now) {
    now.open_status = absl::UnavailableError("connection refused");
  });
  const Result result = Ssh("true");
  EXPECT_EQ(result.status, 255);
  EXPECT_TRUE(absl::StrContains(result.err, "its coordinator does not answer")) << result.err;
}

TEST_F(FrontDoorTest, ASignInWaitsForACoordinatorThatComesBack) {
  NEED_SSHD();
  broker_->Set([](FakeBroker::Behaviour& now) {
    now.open_status = absl::UnavailableError("connection refused");
    now.unavailable_times = 3;
  });
  const Result result = Ssh("echo back");
  EXPECT_EQ(result.out, "back\n") << result.err;
}

TEST_F(FrontDoorTest, AHostKeyThatTheCoordinatorDoesNotKnowIsNotSignedInTo) {
  NEED_SSHD();
  broker_->Set([&](FakeBroker::Behaviour& now) {
    now.sign_status = absl::FailedPreconditionError(
        "The workspace showed a host key that its agent did not report.");
  });
  const Result result = Ssh("true");
  EXPECT_EQ(result.status, 255);
  EXPECT_TRUE(absl::StrContains(result.err, "a host key that its agent did not report"))
      << result.err;
}

TEST_F(FrontDoorTest, ABackendThatSpeaksNoSshIsAPlainSentence) {
  const auto listener = Listen("127.0.0.1:0");
  ASSERT_TRUE(listener.ok());
  broker_->Set(
      [&](FakeBroker::Behaviour& now) { now.backend_address = LocalAddress(listener->get()); });
  std::thread server([&] {
    for (;;) {
      const UniqueFd socket(accept(listener->get(), nullptr, nullptr));
      if (!socket.valid()) {
        absl::SleepFor(absl::Milliseconds(5));
        continue;
      }
      const std::string garbage(100000, 'x');
      [[maybe_unused]] const ssize_t n =
          send(socket.get(), garbage.data(), garbage.size(), MSG_NOSIGNAL);
      return;
    }
  });
  const Result result = Ssh("true");
  server.join();
  EXPECT_EQ(result.status, 255);
  EXPECT_TRUE(absl::StrContains(result.err, "The workspace's SSH server could not be used"))
      << result.err;
}

TEST_F(FrontDoorTest, AnOrderEndsALiveSessionAndIsDoneWhenItIsOver) {
  NEED_SSHD();
  absl::Notification over;
  int sessions = -1;
  bool here = true;
  std::thread administrator([&] {
    EXPECT_EQ(
        broker_->WaitForReport().traffic.channels[static_cast<size_t>(ChannelKind::kExec)].open, 1);
    EXPECT_EQ(directory_->Sessions().at(0).backend, 2);
    EXPECT_EQ(directory_->Sessions().at(0).public_key, owner_.public_blob);
    directory_->EndSessions({"s1", "s2"}, "The administrator ended this session.", [&](int count) {
      sessions = count;
      here = !directory_->Sessions().empty();
      over.Notify();
    });
  });
  const Result result = Ssh("sleep 30");
  administrator.join();
  EXPECT_EQ(result.status, 255);
  EXPECT_TRUE(absl::StrContains(result.err, "The administrator ended this session.")) << result.err;
  ASSERT_TRUE(over.WaitForNotificationWithTimeout(absl::Seconds(10)));
  EXPECT_EQ(sessions, 1) << "the other one is not here, and does not count";
  EXPECT_FALSE(here);
  EXPECT_EQ(broker_->WaitForEnd().reason, "The administrator ended this session.");
}

TEST_F(FrontDoorTest, AClientThatDoesNotReadHoldsUpNoOrder) {
  NEED_SSHD();
  const std::string command = SshCommand("'yes | head -c 1000000000'", owner_.file);
  // The reader is stopped as soon as the first line has come; the pipe and all windows fill.
  FILE* const pipe = popen(absl::StrCat("exec ", command, " 2> /dev/null").c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  char line[16];
  ASSERT_NE(fgets(line, sizeof(line), pipe), nullptr);
  broker_->WaitForReport();
  absl::Notification over;
  directory_->EndSessions({"s1"}, "Ended.", [&](int) { over.Notify(); });
  EXPECT_TRUE(over.WaitForNotificationWithTimeout(absl::Seconds(2)));
  pclose(pipe);
}

TEST_F(FrontDoorTest, AnOrderThatComesFirstRefusesTheSession) {
  NEED_SSHD();
  bool done = false;
  directory_->EndSessions({"s1"}, "The workspace was deleted.", [&](int) { done = true; });
  EXPECT_TRUE(done) << "it waits for no session that is not here";
  const Result result = Ssh("true");
  EXPECT_EQ(result.status, 255);
  EXPECT_TRUE(absl::StrContains(result.err, "homeport: The workspace was deleted.")) << result.err;
}

TEST_F(FrontDoorTest, WhatPolicyForbidsIsRefusedInTheBackendsOwnWords) {
  NEED_SSHD();
  broker_->Set([](FakeBroker::Behaviour& now) { now.policy = {false, false, false, false}; });
  EXPECT_EQ(Ssh("echo fine").out, "fine\n");
  const Result remote = Ssh("-R 0:127.0.0.1:1 -o ExitOnForwardFailure=yes true");
  EXPECT_EQ(remote.status, 255);
  EXPECT_TRUE(absl::StrContains(remote.err, "remote port forwarding failed")) << remote.err;
  const Result direct = Ssh("-W 127.0.0.1:1");
  EXPECT_TRUE(absl::StrContains(
      direct.err,
      "administratively prohibited: Port forwarding is switched off for this workspace."))
      << direct.err;
  const Result sftp = Ssh("-s sftp");
  EXPECT_EQ(sftp.status, 1);
  EXPECT_TRUE(
      absl::StrContains(sftp.err, "homeport: File transfer is switched off for this workspace.\n"))
      << sftp.err;
}

TEST_F(FrontDoorTest, AChangeOfPolicyEndsTransfersAndLeavesTheSession) {
  NEED_SSHD();
  std::thread administrator([&] {
    broker_->WaitForReport();
    directory_->ChangePolicy({"s1"}, {true, false, true, true}, [](int) {});
  });
  const absl::Time start = absl::Now();
  const Result result = Ssh("'sleep 30; rsync --server'");
  administrator.join();
  EXPECT_LT(absl::Now() - start, absl::Seconds(20)) << result.err;
  EXPECT_NE(result.status, 0);
}

TEST_F(FrontDoorTest, AWordThatOvertakesTheAnswerToTheSignInIsNotLost) {
  broker_->Set([](FakeBroker::Behaviour& now) { now.backend_address.clear(); });
  directory_->WithSession("s1", [](UserConnection& connection) {
    connection.OnTunnelFailed("The workspace's agent is stopping.");
  });
  const absl::Time start = absl::Now();
  const Result result = Ssh("true");
  EXPECT_EQ(result.status, 255);
  EXPECT_TRUE(absl::StrContains(result.err, "homeport: The workspace's agent is stopping."))
      << result.err;
  EXPECT_LT(absl::Now() - start, absl::Seconds(20)) << "it waited for the tunnel";
}

TEST_F(FrontDoorTest, SixFailuresEndTheConnection) {
  std::string keys = stranger_.file;
  for (int i = 0; i < 6; ++i) {
    absl::StrAppend(&keys, " -i ", MakeKey(absl::StrCat(folder_, "/stranger", i)).file);
  }
  const Result seven = Ssh("true", keys);
  EXPECT_EQ(seven.status, 255);
  EXPECT_TRUE(absl::StrContains(seven.err, "too many authentication failures")) << seven.err;
  const Result five = Ssh("true", keys.substr(0, keys.rfind(" -i ", keys.rfind(" -i ") - 1)));
  EXPECT_TRUE(absl::StrContains(five.err, "Permission denied (publickey)")) << five.err;
}

TEST_F(FrontDoorTest, OnlyPublicKeysAreOffered) {
  const Result result = Ssh(
      "true",
      absl::StrCat(stranger_.file, " -o PreferredAuthentications=password,keyboard-interactive"));
  EXPECT_EQ(result.status, 255);
  EXPECT_TRUE(absl::StrContains(result.err, "Permission denied (publickey)")) << result.err;
}

// What sshd accepts, and what we sign in with then.
struct WorkspaceKey {
  const char* key;
  const char* accepted;
  const char* signed_with;
};

class FrontDoorKeyTest : public FrontDoorTest, public testing::WithParamInterface<WorkspaceKey> {};

TEST_P(FrontDoorKeyTest, SignsInToSshdWithAnAlgorithmThatItAccepts) {
  workspace_key_ = TestKey(GetParam().key);
  if (!StartSshd(absl::StrCat("PubkeyAcceptedAlgorithms ", GetParam().accepted, "\n"))) {
    GTEST_SKIP() << "no sshd: set HOMEPORT_SSHD or install openssh-server";
  }
  const Result result = Ssh("echo in");
  EXPECT_EQ(result.out, "in\n") << result.err;
  EXPECT_EQ(broker_->signed_with(), GetParam().signed_with);
}
INSTANTIATE_TEST_SUITE_P(
    All, FrontDoorKeyTest,
    testing::Values(WorkspaceKey{"ecdsa-sha2-nistp256", "ecdsa-sha2-*", "ecdsa-sha2-nistp256"},
                    WorkspaceKey{"ssh-rsa", "rsa-sha2-*,ssh-rsa", "rsa-sha2-512"}));

}  // namespace
}  // namespace homeport
