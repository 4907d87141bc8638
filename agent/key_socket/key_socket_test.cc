// The key socket, by the real ssh-add and ssh-keygen and by clients that misbehave.
#include "agent/key_socket/key_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "agent/key_socket/agent_message.h"
#include "base/file.h"
#include "base/ssh_wire.h"
#include "base/test_key.h"
#include "gmock/gmock.h"

namespace homeport::agent {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;

constexpr absl::Duration kPatience = absl::Seconds(30);

// Has the key, and can be told to keep people waiting.
class FakeSigner : public Signer {
 public:
  std::string public_key() const { return key.PublicBlob(); }
  void Sign(SignatureWanted wanted, Callback on_signed) override {
    last_flags = wanted.flags;
    waiting.push_back([this, wanted, on_signed = std::move(on_signed)] {
      // As the coordinator's answers (draft-ietf-sshm-ssh-agent, 3.6.1), but never SHA-1.
      const char* rsa = (wanted.flags & 2) != 0 ? "rsa-sha2-256" : "rsa-sha2-512";
      on_signed(error.ok() ? absl::StatusOr<std::string>(key.Sign(wanted.data, rsa)) : error);
    });
    if (!hold) loop->Post([this] { Release(); });
  }
  void Release() {
    for (const auto& work : std::exchange(waiting, {})) work();
  }

  TestKey key{"ssh-ed25519"};
  EventLoop* loop = nullptr;
  bool hold = false;
  absl::Status error;
  uint32_t last_flags = 99;
  std::vector<std::function<void()>> waiting;
};

class KeySocketTest : public testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/homeport-key-socket.XXXXXX";
    folder_ = mkdtemp(pattern);
    options_.path = folder_ + "/agent.sock";
    options_.look_interval = absl::Milliseconds(50);
    signer_.loop = &loop_;
    thread_ = std::thread([this] { loop_.Run(); });
  }
  void TearDown() override {
    OnLoop([this] { socket_.reset(); });
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
  void Start() {
    OnLoop([this] {
      socket_ = std::make_unique<KeySocket>(loop_, pool_, signer_, options_,
                                            [this](const v1::KeySocketStatus& status) {
                                              absl::MutexLock lock(&mutex_);
                                              status_ = status;
                                            });
      socket_->SetKey({signer_.public_key(), "owner@example.com"});
      socket_->SetEnabled(true);
    });
  }
  void StartAndWait() {
    Start();
    AwaitStatus(options_.path, "");
  }
  // Until path and error are so; an error only in part.
  void AwaitStatus(const std::string& path, const std::string& error) {
    absl::MutexLock lock(&mutex_);
    const auto there = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return status_.path() == path &&
             (error.empty() ? status_.error().empty()
                            : status_.error().find(error) != std::string::npos);
    };
    EXPECT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&there), kPatience))
        << "status is " << status_.ShortDebugString() << " instead of " << path << " " << error;
  }
  void Await(const std::string& what, const std::function<bool()>& condition) {
    for (const absl::Time end = absl::Now() + kPatience; absl::Now() < end;) {
      if (condition()) return;
      absl::SleepFor(absl::Milliseconds(5));
    }
    ADD_FAILURE() << "no " << what;
  }
  size_t connections() {
    size_t count = 0;
    OnLoop([&] { count = socket_->connections(); });
    return count;
  }
  std::string Shell(const std::string& script) {
    const std::string command = absl::StrCat(
        "cd ", folder_, "; export SSH_AUTH_SOCK=", options_.path, "; { ", script, "\n} 2>&1");
    FILE* pipe = popen(command.c_str(), "r");
    std::string out;
    char buffer[4096];
    for (size_t n = 0; (n = fread(buffer, 1, sizeof(buffer), pipe)) > 0;) out.append(buffer, n);
    pclose(pipe);
    return out;
  }
  UniqueFd Connect() {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    strncpy(address.sun_path, options_.path.c_str(), sizeof(address.sun_path) - 1);
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval patience = {30, 0};
    setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    EXPECT_EQ(connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
              0)
        << strerror(errno);
    return socket;
  }
  static void Send(int fd, const std::string& bytes) {
    EXPECT_EQ(send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  // One answer without its length; empty when the connection ends.
  static std::string Receive(int fd) {
    char head[4];
    if (recv(fd, head, 4, MSG_WAITALL) != 4) return "";
    std::string body(WireReader(absl::string_view(head, 4)).Uint32(), '\0');
    if (recv(fd, body.data(), body.size(), MSG_WAITALL) != static_cast<ssize_t>(body.size())) {
      return "";
    }
    return body;
  }
  static bool Ended(int fd) {
    char byte;
    return recv(fd, &byte, 1, 0) == 0;
  }
  static std::string List() { return WireWriter().String("\x0b").bytes(); }
  std::string SignRequest(const std::string& data) const {
    return WireWriter()
        .String(WireWriter().Byte(13).String(signer_.public_key()).String(data).Uint32(4).bytes())
        .bytes();
  }

  std::string folder_;
  KeySocket::Options options_;
  FakeSigner signer_;
  EventLoop loop_;
  std::thread thread_;
  std::unique_ptr<KeySocket> socket_;
  absl::Mutex mutex_;
  v1::KeySocketStatus status_ ABSL_GUARDED_BY(mutex_);
  WorkerPool pool_{2};
};

TEST_F(KeySocketTest, SshAddListsTheOwnersKeyWithItsComment) {
  StartAndWait();
  EXPECT_EQ(Shell("ssh-add -L"),
            absl::StrCat("ssh-ed25519 ", absl::Base64Escape(signer_.public_key()),
                         " owner@example.com\n"));
  EXPECT_EQ(Shell("stat -c %a $SSH_AUTH_SOCK"), "600\n");
}

TEST_F(KeySocketTest, WhatItSignsTheRealSshKeygenVerifies) {
  StartAndWait();
  EXPECT_THAT(Shell(R"SH(
ssh-add -L > key.pub
echo "content" > file
ssh-keygen -Y sign -f key.pub -n file file
echo "me $(cut -d' ' -f1,2 key.pub)" > allowed
ssh-keygen -Y verify -f allowed -I me -n file -s file.sig < file
)SH"),
              HasSubstr("Good \"file\" signature for me with ED25519 key"));
}

TEST_F(KeySocketTest, KeysOfOtherAlgorithmsSignAsTheClientAsks) {
  for (const char* algorithm : {"ecdsa-sha2-nistp256", "ssh-rsa"}) {
    OnLoop([&] { signer_.key = TestKey(algorithm); });
    StartAndWait();
    EXPECT_THAT(Shell("ssh-add -L"),
                absl::StrCat(algorithm, " ", absl::Base64Escape(signer_.public_key()),
                             " owner@example.com\n"));
    EXPECT_THAT(Shell(R"SH(
ssh-add -L > key.pub
ssh-add -T key.pub && echo usable
echo "content" > file; rm -f file.sig
ssh-keygen -Y sign -f key.pub -n file file
echo "me $(cut -d' ' -f1,2 key.pub)" > allowed
ssh-keygen -Y verify -f allowed -I me -n file -s file.sig < file
)SH"),
                AllOf(HasSubstr("Good \"file\" signature for me"), HasSubstr("usable\n")))
        << algorithm;
    OnLoop([this] { socket_.reset(); });
  }
  EXPECT_EQ(signer_.last_flags, 4u) << "ssh-keygen asks for rsa-sha2-512";
}

TEST_F(KeySocketTest, KeysAreNeitherAddedNorRemovedNorLocked) {
  StartAndWait();
  const std::string out = Shell(R"SH(
ssh-keygen -q -t ed25519 -N '' -f other
ssh-add other; echo $?
ssh-add -c -t 60 other; echo $?
ssh-add -d other; echo $?
ssh-add -D; echo $?
ssh-add -s /usr/lib/none.so < /dev/null > /dev/null; echo $?
ssh-add -l | wc -l
)SH");
  EXPECT_THAT(out, HasSubstr("Could not add identity \"other\": agent refused operation\n1\n"));
  EXPECT_THAT(out, HasSubstr("Failed to remove all identities.\n1\n"));
  EXPECT_THAT(out, EndsWith("\n1\n"));
  UniqueFd client = Connect();
  for (const int number : {17, 18, 19, 20, 21, 22, 23, 25, 26, 1, 200}) {
    Send(client.get(), WireWriter().String(WireWriter().Byte(number).String("x").bytes()).bytes());
    EXPECT_EQ(Receive(client.get()), "\5") << number;
  }
}

TEST_F(KeySocketTest, ItFollowsTheOwnersKey) {
  Start();
  OnLoop([this] { socket_->SetKey({}); });
  AwaitStatus(options_.path, "");
  UniqueFd client = Connect();
  Send(client.get(), List() + SignRequest("x"));
  EXPECT_EQ(Receive(client.get()), std::string("\x0c\0\0\0\0", 5));
  EXPECT_EQ(Receive(client.get()), "\5");
  OnLoop([this] { socket_->SetKey({signer_.public_key(), "new comment"}); });
  Send(client.get(), List() + SignRequest("x"));
  EXPECT_THAT(Receive(client.get()), HasSubstr("new comment"));
  EXPECT_THAT(Receive(client.get()), HasSubstr("ssh-ed25519"));
  EXPECT_EQ(signer_.last_flags, 4u);
}

TEST_F(KeySocketTest, WhatIsNotSignedIsAFailureAndTheClientGoesOn) {
  signer_.error = absl::UnavailableError("the coordinator does not answer");
  StartAndWait();
  UniqueFd client = Connect();
  Send(client.get(), SignRequest("x") + List());
  EXPECT_EQ(Receive(client.get()), "\5");
  EXPECT_THAT(Receive(client.get()), HasSubstr("owner@example.com"));
}

TEST_F(KeySocketTest, AClientThatWaitsHoldsUpNobody) {
  OnLoop([this] { signer_.hold = true; });
  StartAndWait();
  std::vector<UniqueFd> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(Connect());
    Send(clients.back().get(), SignRequest(absl::StrCat(i)));
  }
  Await("20 requests", [&] {
    size_t count = 0;
    OnLoop([&] { count = signer_.waiting.size(); });
    return count == 20;
  });
  UniqueFd other = Connect();
  Send(other.get(), List());
  EXPECT_THAT(Receive(other.get()), HasSubstr("owner@example.com"));
  clients.pop_back();  // goes before it is answered
  OnLoop([this] { signer_.Release(); });
  for (UniqueFd& client : clients) EXPECT_EQ(Receive(client.get()).substr(0, 1), "\x0e");
}

TEST_F(KeySocketTest, SwitchedOffItIsGoneAtOnceAndComesBack) {
  StartAndWait();
  UniqueFd client = Connect();
  Send(client.get(), List());
  EXPECT_NE(Receive(client.get()), "");
  OnLoop([this] { socket_->SetEnabled(false); });
  EXPECT_TRUE(Ended(client.get()));
  AwaitStatus("", "");
  Await("the name's end", [&] { return access(options_.path.c_str(), F_OK) != 0; });
  OnLoop([this] {
    socket_->SetEnabled(true);
    socket_->SetEnabled(false);
    socket_->SetEnabled(true);
  });
  AwaitStatus(options_.path, "");
  EXPECT_THAT(Shell("ssh-add -l"), HasSubstr("owner@example.com"));
}

TEST_F(KeySocketTest, AStaleSocketIsReplacedAndALiveOneLeftAlone) {
  {
    auto stale = UnixListener::Create(options_.path);
    ASSERT_TRUE(stale.ok()) << stale.status();
    Start();
    AwaitStatus("", "another agent answers on");
    ASSERT_EQ(rename(options_.path.c_str(), (options_.path + "2").c_str()), 0);
  }  // closed, but its name stays: it is not where it was made
  OnLoop([this] { socket_->SetEnabled(false); });
  ASSERT_EQ(rename((options_.path + "2").c_str(), options_.path.c_str()), 0);
  OnLoop([this] { socket_->SetEnabled(true); });
  AwaitStatus(options_.path, "");
  EXPECT_THAT(Shell("ssh-add -l; ls -A"), HasSubstr("owner@example.com"));
  EXPECT_EQ(Shell("ls -A"), "agent.sock\n");
}

TEST_F(KeySocketTest, WhatIsNoSocketIsLeftAlone) {
  ASSERT_TRUE(WriteFileAtomically(options_.path, "mine", 0600).ok());
  Start();
  AwaitStatus("", "is not a socket; move it away");
  EXPECT_EQ(ReadFile(options_.path).value_or(""), "mine");
  unlink(options_.path.c_str());
  AwaitStatus(options_.path, "");
}

TEST_F(KeySocketTest, WhyItDoesNotListenIsSaid) {
  options_.path = folder_ + "/not/there";
  Start();
  AwaitStatus("", "cannot make the socket");
  ASSERT_EQ(mkdir((folder_ + "/not").c_str(), 0700), 0);
  AwaitStatus(options_.path, "");
}

TEST_F(KeySocketTest, ANameThatWasTakenAwayComesBack) {
  StartAndWait();
  unlink(options_.path.c_str());
  Await("the name", [&] { return access(options_.path.c_str(), F_OK) == 0; });
  EXPECT_THAT(Shell("ssh-add -l"), HasSubstr("owner@example.com"));
}

TEST_F(KeySocketTest, AnothersNameIsNotTakenAway) {
  options_.look_interval = absl::Hours(1);
  StartAndWait();
  unlink(options_.path.c_str());
  auto other = UnixListener::Create(options_.path);
  ASSERT_TRUE(other.ok());
  OnLoop([this] { socket_.reset(); });
  EXPECT_TRUE(other->has_name());
}

TEST_F(KeySocketTest, StuckClientsAndIdleOnesAreClosed) {
  options_.limits.stuck = absl::Milliseconds(50);
  options_.limits.idle = absl::Milliseconds(100);
  StartAndWait();
  UniqueFd idle = Connect();
  UniqueFd stuck = Connect();
  Send(stuck.get(), List().substr(0, 3));
  UniqueFd deaf = Connect();
  const std::string lists = [] {
    std::string many;
    for (int i = 0; i < 2000; ++i) many += List();
    return many;
  }();
  while (send(deaf.get(), lists.data(), lists.size(), MSG_NOSIGNAL | MSG_DONTWAIT) > 0) {
  }
  Await("end of all three", [&] { return connections() == 0; });
  EXPECT_TRUE(Ended(idle.get()));
  EXPECT_TRUE(Ended(stuck.get()));
}

TEST_F(KeySocketTest, TooManyClientsPushOutTheOneThatWasSilentForLongest) {
  options_.max_connections = 2;
  StartAndWait();
  UniqueFd first = Connect();
  Send(first.get(), List());
  EXPECT_NE(Receive(first.get()), "");
  UniqueFd second = Connect();
  Send(second.get(), List());
  EXPECT_NE(Receive(second.get()), "");
  UniqueFd third = Connect();
  EXPECT_TRUE(Ended(first.get()));
  Send(second.get(), List());
  EXPECT_NE(Receive(second.get()), "");
  OnLoop([this] { signer_.hold = true; });
  Send(second.get(), SignRequest("x"));
  Send(third.get(), SignRequest("x"));
  Await("2 requests", [&] {
    size_t count = 0;
    OnLoop([&] { count = signer_.waiting.size(); });
    return count == 2;
  });
  UniqueFd fourth = Connect();
  EXPECT_TRUE(Ended(fourth.get()));
  EXPECT_EQ(connections(), 2u);
}

TEST_F(KeySocketTest, AForwardedAgentAnswersInItsPlace) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
  UniqueFd other(ends[0]);
  options_.find_forwarded = [forwarded = ends[1]](pid_t process) {
    EXPECT_EQ(process, getpid());
    return UniqueFd(forwarded);
  };
  StartAndWait();
  UniqueFd client = Connect();
  Send(client.get(), List());
  std::string request(5, '\0');
  Await("the request",
        [&] { return recv(other.get(), request.data(), request.size(), MSG_DONTWAIT) == 5; });
  EXPECT_EQ(request, List());
  Send(other.get(), AgentFailure());
  EXPECT_EQ(Receive(client.get()), "\5");
  client.Reset();
  char byte;
  Await("the client's end", [&] { return recv(other.get(), &byte, 1, MSG_DONTWAIT) == 0; });
  other.Reset();
  Await("its end", [&] { return connections() == 0; });
}

TEST_F(KeySocketTest, AHugeMessageEndsTheConnection) {
  StartAndWait();
  UniqueFd client = Connect();
  Send(client.get(), std::string("\xff\xff\xff\xff", 4));
  EXPECT_TRUE(Ended(client.get()));
}

TEST_F(KeySocketTest, AnotherAccountIsTurnedAway) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can be somebody else";
  StartAndWait();
  EXPECT_EQ(Shell("chmod 711 .; chmod 666 $SSH_AUTH_SOCK; "
                  "setpriv --reuid 65534 --regid 65534 --clear-groups ssh-add -l 2> /dev/null | "
                  "grep -c ED25519"),
            "0\n");
}

}  // namespace
}  // namespace homeport::agent
