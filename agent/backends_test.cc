// Which server a tunnel leads to: beside listeners that are no SSH servers, and beside a real sshd
// (HOMEPORT_SSHD, else /usr/sbin/sshd).
#include "agent/backends.h"

#include <fcntl.h>
#include <poll.h>
#include <shadow.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "base/address.h"
#include "base/file.h"
#include "base/ssh_wire.h"
#include "gmock/gmock.h"
#include "ssh/library.h"

namespace homeport::agent {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr absl::Duration kPatience = absl::Seconds(30);

// Listens, and does the same with every connection on a thread of its own.
class Listener {
 public:
  explicit Listener(std::function<void(int socket)> serve,
                    const std::string& address = "127.0.0.1:0")
      : socket_(*Listen(address)), address_(LocalAddress(socket_.get())) {
    thread_ = std::thread([this, serve = std::move(serve)] {
      while (!stopping_) {
        pollfd ready = {socket_.get(), POLLIN, 0};
        poll(&ready, 1, 20);
        UniqueFd client(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!client.valid()) continue;
        ++accepted;
        serve(client.get());
        clients_.push_back(std::move(client));
      }
    });
  }
  ~Listener() {
    stopping_ = true;
    thread_.join();
  }
  const std::string& address() const { return address_; }

  std::atomic<int> accepted{0};

 private:
  UniqueFd socket_;
  const std::string address_;
  std::atomic<bool> stopping_{false};
  std::vector<UniqueFd> clients_;  // the thread's
  std::thread thread_;
};

void Say(int socket, absl::string_view bytes) {
  send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

class BackendsTest : public testing::Test {
 protected:
  void SetUp() override {
    ssh::InitLibrary();
    char pattern[] = "/tmp/homeport-backends.XXXXXX";
    folder_ = mkdtemp(pattern);
    options_.user = geteuid() == 0 ? "root" : getenv("USER");
    options_.embedded_host_keys = {"embedded"};
    options_.on_error = [this](const std::string& sentence) {
      absl::MutexLock lock(&mutex_);
      error_ = sentence;
    };
    thread_ = std::thread([this] { loop_.Run(); });
  }
  void TearDown() override {
    StopSshd();
    loop_.Stop();
    thread_.join();
    std::filesystem::remove_all(folder_);
  }
  void OnLoop(const std::function<void()>& work) {
    absl::Notification done;
    loop_.Post([&] {
      work();
      done.Notify();
    });
    done.WaitForNotification();
  }
  void Make(const std::string& address) {
    options_.openssh_address = address;
    all_.push_back(std::make_unique<Backends>(loop_, pool_, options_, [this](const auto& status) {
      absl::MutexLock lock(&mutex_);
      status_ = status;
    }));
    backends_ = all_.back().get();
  }
  // "openssh", "embedded", or the sentence.
  std::string Route() {
    auto said = std::make_shared<std::string>();
    auto done = std::make_shared<absl::Notification>();
    loop_.Post([this, said, done] {
      backends_->FindRoute([said, done](absl::StatusOr<Backends::Route> route) {
        *said = !route.ok()                               ? std::string(route.status().message())
                : route->kind == v1::BACKEND_KIND_OPENSSH ? "openssh"
                                                          : "embedded";
        if (*said == "openssh") {
          char greeting[8] = {};
          const timeval patience = {10, 0};
          fcntl(route->openssh.get(), F_SETFL, 0);
          setsockopt(route->openssh.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
          const ssize_t n = recv(route->openssh.get(), greeting, sizeof(greeting), MSG_WAITALL);
          if (n != 8 || absl::string_view(greeting, 8) != "SSH-2.0-") *said = "no greeting";
        }
        done->Notify();
      });
    });
    EXPECT_TRUE(done->WaitForNotificationWithTimeout(kPatience)) << "no route";
    return *said;
  }
  v1::AgentStatus Status() {
    v1::AgentStatus status;
    OnLoop([&] { status = backends_->status(); });
    return status;
  }
  std::string PassedOver() { return Status().openssh_passed_over(); }
  std::vector<std::string> OpenSshKeys() {
    const v1::AgentStatus status = Status();
    for (const v1::Backend& backend : status.backends()) {
      if (backend.kind() == v1::BACKEND_KIND_OPENSSH) {
        return {backend.host_keys().begin(), backend.host_keys().end()};
      }
    }
    return {};
  }
  void Await(const std::string& what, const std::function<bool()>& condition) {
    for (const absl::Time end = absl::Now() + kPatience; absl::Now() < end;) {
      if (condition()) return;
      absl::SleepFor(absl::Milliseconds(10));
    }
    ADD_FAILURE() << "no " << what;
  }

  // The real one.
  static std::string Program() {
    const char* path = getenv("HOMEPORT_SSHD");
    return path == nullptr || *path == '\0' ? "/usr/sbin/sshd" : path;
  }
  static bool HasSshd() { return access(Program().c_str(), X_OK) == 0; }
  static int Shell(const std::string& script) { return system(script.c_str()); }
  // The blob in the file of a public key.
  static std::string Blob(const std::string& file) {
    const std::vector<std::string> words = absl::StrSplit(ReadFile(file).value_or(""), ' ');
    std::string blob;
    if (words.size() > 1) absl::Base64Unescape(words[1], &blob);
    return blob;
  }
  std::string MakeKey(const std::string& name, const std::string& type = "ed25519") {
    const std::string file = folder_ + "/" + name;
    unlink(file.c_str());
    EXPECT_EQ(Shell("ssh-keygen -q -t " + type + " -N '' -f " + file), 0);
    return Blob(file + ".pub");
  }
  // With the host keys of these files, for the owner's key if it is there.
  void StartSshd(const std::vector<std::string>& host_keys, bool with_owner = true) {
    if (address_.empty()) {
      const UniqueFd probe = *Listen("127.0.0.1:0");
      address_ = LocalAddress(probe.get());
    }
    if (geteuid() == 0) mkdir("/run/sshd", 0755);
    const spwd* root = geteuid() == 0 ? getspnam("root") : nullptr;
    const bool locked = root != nullptr && absl::StartsWith(root->sp_pwdp, "!");
    std::string config =
        absl::StrCat("ListenAddress ", address_, "\nAuthorizedKeysFile ", folder_, "/",
                     with_owner ? "owner" : "no", ".pub\nUsePAM ", locked ? "yes" : "no",
                     "\nPidFile none\nStrictModes no\n",
                     "PermitRootLogin prohibit-password\nPasswordAuthentication no\n",
                     "KbdInteractiveAuthentication no\n");
    for (const std::string& key : host_keys)
      absl::StrAppend(&config, "HostKey ", folder_, "/", key, "\n");
    ASSERT_TRUE(WriteFileAtomically(folder_ + "/config", config, 0600).ok());
    sshd_ = fork();
    if (sshd_ == 0) {
      const int log = open((folder_ + "/log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
      dup2(log, 1);
      dup2(log, 2);
      execl(Program().c_str(), Program().c_str(), "-D", "-e", "-f", (folder_ + "/config").c_str(),
            nullptr);
      _exit(127);
    }
    Await("sshd that listens", [this] { return Connect(address_, absl::Seconds(5)).ok(); });
  }
  void StopSshd() {
    if (sshd_ <= 0) return;
    kill(sshd_, SIGTERM);
    waitpid(sshd_, nullptr, 0);
    sshd_ = 0;
  }

  std::string folder_;
  std::string address_;  // of sshd
  pid_t sshd_ = 0;
  Backends::Options options_;
  EventLoop loop_;
  std::thread thread_;
  absl::Mutex mutex_;
  v1::AgentStatus status_ ABSL_GUARDED_BY(mutex_);
  std::string error_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Backends>> all_;  // work of theirs may be under way to the end
  Backends* backends_ = nullptr;
  WorkerPool pool_{4};
};

// What listens, and what is said of it.
struct NoServer {
  const char* name;
  std::function<void(int socket)> serve;
  const char* why;
};

class NoServerTest : public BackendsTest, public testing::WithParamInterface<NoServer> {};

TEST_P(NoServerTest, IsPassedOverAndTheStatusSaysWhy) {
  Listener listener(GetParam().serve);
  Make(listener.address());
  EXPECT_EQ(Route(), "embedded");
  EXPECT_THAT(PassedOver(), HasSubstr(GetParam().why));
  EXPECT_THAT(PassedOver(), HasSubstr(listener.address()));
  EXPECT_THAT(OpenSshKeys(), IsEmpty());
  absl::MutexLock lock(&mutex_);
  EXPECT_THAT(status_.openssh_passed_over(), HasSubstr(GetParam().why));
}

TEST_P(NoServerTest, IsAnErrorWhereThereIsNoOther) {
  options_.choice = Backends::Choice::kOpenSsh;
  options_.long_patience.greeting = absl::Milliseconds(500);
  Listener listener(GetParam().serve);
  Make(listener.address());
  EXPECT_THAT(Route(), HasSubstr(GetParam().why));
}

INSTANTIATE_TEST_SUITE_P(
    All, NoServerTest,
    testing::Values(
        NoServer{"Silent", [](int) {}, "did not greet as an SSH server within 500ms"},
        NoServer{"OldVersion", [](int s) { Say(s, "SSH-1.99-old\r\n"); }, "another version of SSH"},
        NoServer{"Mail", [](int s) { Say(s, "220 mail.example.com\r\n"); }, "within 500ms"},
        NoServer{"Garbage", [](int s) { Say(s, std::string(5000, '\x7f')); }, "does not greet"},
        NoServer{"EndlessLines",
                 [](int s) {
                   for (int i = 0; i < 100; ++i) Say(s, std::string(1000, 'x') + "\n");
                 },
                 "does not greet"},
        NoServer{"HalfAGreeting", [](int s) { Say(s, "SSH-2."); }, "within 500ms"},
        NoServer{"ClosesAtOnce", [](int s) { shutdown(s, SHUT_RDWR); }, "closed the connection"},
        NoServer{"ClosesInTheMiddle",
                 [](int s) {
                   Say(s, "SSH-2");
                   shutdown(s, SHUT_WR);
                 },
                 "closed the connection"},
        NoServer{"GreetsAndSaysNoMore",
                 [](int s) {
                   Say(s, "SSH-2.0-x\r\n");
                   shutdown(s, SHUT_WR);
                 },
                 "cannot be spoken to"}),
    [](const auto& it) { return std::string(it.param.name); });

TEST_F(BackendsTest, NobodyThereIsNoReasonToComplain) {
  const UniqueFd probe = *Listen("127.0.0.1:0");
  const std::string address = LocalAddress(probe.get());
  shutdown(probe.get(), SHUT_RDWR);
  Make(address);
  EXPECT_EQ(Route(), "embedded");
  EXPECT_EQ(PassedOver(), "");
}

// Passes everything on to the real sshd, but may wait or speak before it does.
class RealSshdTest : public BackendsTest {
 protected:
  void SetUp() override {
    BackendsTest::SetUp();
    if (!HasSshd()) GTEST_SKIP() << "there is no OpenSSH server at " << Program();
    owner_ = MakeKey("owner");
    host_key_ = MakeKey("host");
    options_.patience.greeting = absl::Seconds(10);  // the machine may be busy
  }
  // Between us and sshd.
  std::function<void(int)> Before(const std::function<void(int)>& first) {
    return [this, first](int client) {
      first(client);
      auto server = std::make_shared<UniqueFd>(*Connect(address_, absl::Seconds(5)));
      auto kept = std::make_shared<UniqueFd>(fcntl(client, F_DUPFD_CLOEXEC, 0));
      for (const auto& [from, to] : {std::pair(server, kept), std::pair(kept, server)}) {
        std::thread([from = from, to = to] {
          fcntl(from->get(), F_SETFL, 0);
          char buffer[4096];
          for (ssize_t n = 0; (n = read(from->get(), buffer, sizeof(buffer))) > 0;) {
            Say(to->get(), {buffer, static_cast<size_t>(n)});
          }
          shutdown(to->get(), SHUT_WR);
        }).detach();
      }
    };
  }

  std::string owner_;
  std::string host_key_;
};

TEST_F(RealSshdTest, IsTakenAndItsKeyReported) {
  StartSshd({"host"});
  Make(address_);
  OnLoop([this] { backends_->SetOwnerKey(owner_); });
  EXPECT_EQ(Route(), "openssh");
  EXPECT_EQ(OpenSshKeys(), std::vector<std::string>{host_key_});
  EXPECT_EQ(PassedOver(), "");
  EXPECT_EQ(Route(), "openssh");
}

TEST_F(RealSshdTest, IsAskedAboutOwnersKeysOfOtherAlgorithmsToo) {
  for (const char* type : {"ecdsa", "rsa"}) {
    owner_ = MakeKey("owner", type);
    StartSshd({"host"});
    Make(address_);
    OnLoop([this] { backends_->SetOwnerKey(owner_); });
    EXPECT_EQ(Route(), "openssh") << type << ": " << PassedOver();
    StopSshd();
  }
}

TEST_F(RealSshdTest, AllItsHostKeysAreReported) {
  const std::string rsa = MakeKey("rsa", "rsa");
  const std::string ecdsa = MakeKey("ecdsa", "ecdsa");
  StartSshd({"rsa", "host", "ecdsa"});
  Make(address_);
  EXPECT_EQ(Route(), "openssh");
  EXPECT_EQ(OpenSshKeys(), (std::vector<std::string>{host_key_, ecdsa, rsa}));
}

TEST_F(RealSshdTest, OneThatRefusesTheOwnersKeyIsPassedOverUntilItTakesIt) {
  StartSshd({"host"}, /*with_owner=*/false);
  Make(address_);
  OnLoop([this] {
    backends_->Start();
    backends_->SetOwnerKey(owner_);
  });
  EXPECT_EQ(Route(), "embedded");
  EXPECT_THAT(PassedOver(), HasSubstr("refuses the owner's key for the account " + options_.user));
  EXPECT_THAT(OpenSshKeys(), IsEmpty());
  ASSERT_EQ(Shell("cp " + folder_ + "/owner.pub " + folder_ + "/no.pub"), 0);
  EXPECT_EQ(Route(), "openssh");
  EXPECT_EQ(PassedOver(), "");
  const std::string other = MakeKey("other");
  OnLoop([&] { backends_->SetOwnerKey(other); });
  Await("refusal", [this] { return absl::StrContains(PassedOver(), "refuses"); });
  EXPECT_EQ(Route(), "embedded");
}

TEST_F(RealSshdTest, OneThatComesLaterOrGoesIsNoticedByTheNextTunnel) {
  StartSshd({"host"});
  StopSshd();
  Make(address_);
  OnLoop([this] { backends_->Start(); });
  EXPECT_EQ(Route(), "embedded");
  StartSshd({"host"});
  EXPECT_EQ(Route(), "openssh");
  StopSshd();
  EXPECT_EQ(Route(), "embedded");
  EXPECT_THAT(OpenSshKeys(), IsEmpty());
  EXPECT_EQ(PassedOver(), "");
  Listener other([](int s) { Say(s, "hello\r\n"); }, address_);
  options_.patience.greeting = absl::Milliseconds(100);
  Make(address_);
  EXPECT_EQ(Route(), "embedded");
  EXPECT_THAT(PassedOver(), HasSubstr("did not greet"));
}

TEST_F(RealSshdTest, ANewHostKeyIsReportedAsAChange) {
  StartSshd({"host"});
  Make(address_);
  EXPECT_EQ(Route(), "openssh");
  StopSshd();
  const std::string other = MakeKey("host2");
  StartSshd({"host2"});
  OnLoop([this] { backends_->SetOwnerKey(owner_); });  // has it look again
  Await("the new key", [&] { return OpenSshKeys() == std::vector<std::string>{other}; });
  absl::MutexLock lock(&mutex_);
  EXPECT_THAT(error_, HasSubstr("has a new host key: SHA256:"));
  EXPECT_THAT(error_, HasSubstr("before it was SHA256:"));
}

TEST_F(RealSshdTest, SlownessIsBorneUpToTheLimit) {
  StartSshd({"host"});
  // Just under and just over, with room for a busy machine.
  Listener slow(Before([](int) { absl::SleepFor(absl::Milliseconds(300)); }));
  Make(slow.address());
  EXPECT_EQ(Route(), "openssh");
  options_.patience.greeting = absl::Milliseconds(200);
  Make(slow.address());
  EXPECT_EQ(Route(), "embedded");
  EXPECT_THAT(PassedOver(), HasSubstr("within 200ms"));
}

TEST_F(RealSshdTest, LinesMayComeBeforeTheGreeting) {
  StartSshd({"host"});
  Listener talkative(Before([](int s) {
    Say(s, "Welcome.\r\n\r\n" + std::string(3000, 'x'));
    Say(s, "\nSS\nSSH\r\n");
  }));
  Make(talkative.address());
  EXPECT_EQ(Route(), "openssh");
  EXPECT_EQ(OpenSshKeys(), std::vector<std::string>{host_key_});
}

TEST_F(RealSshdTest, APinChoosesUnlessTheFlagDoes) {
  StartSshd({"host"});
  Make(address_);
  OnLoop([this] { backends_->SetPinned(v1::BACKEND_KIND_EMBEDDED); });
  EXPECT_EQ(Route(), "embedded");
  EXPECT_EQ(Status().backends_size(), 1);
  OnLoop([this] { backends_->SetPinned(v1::BACKEND_KIND_OPENSSH); });
  EXPECT_EQ(Route(), "openssh");
  EXPECT_EQ(Status().backends_size(), 1);
  StopSshd();
  EXPECT_THAT(Route(), HasSubstr("OpenSSH does not answer"));
  OnLoop([this] { backends_->SetPinned(v1::BACKEND_KIND_UNSPECIFIED); });
  EXPECT_EQ(Route(), "embedded");
  options_.choice = Backends::Choice::kEmbedded;
  Make(address_);
  StartSshd({"host"});
  OnLoop([this] { backends_->SetPinned(v1::BACKEND_KIND_OPENSSH); });
  EXPECT_EQ(Route(), "embedded");
}

}  // namespace
}  // namespace homeport::agent
