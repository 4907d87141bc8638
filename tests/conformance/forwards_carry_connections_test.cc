// Ports and Unix sockets of one side are reached from the other by every option that ssh has for
// it; what is refused is refused in OpenSSH's words; and what was listened on is free afterwards.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/file.h"
#include "base/unique_fd.h"
#include "gmock/gmock.h"
#include "tests/conformance/both_backends.h"
#include "tests/conformance/peer.h"
#include "tests/integration/tcp_connection.h"

namespace homeport::story {
namespace {

using ::testing::HasSubstr;

std::string Loopback(const std::string& port) { return "127.0.0.1:" + port; }

// Asks a SOCKS 5 proxy for a host by name and a port; its answer's code, 0 for success.
int AskSocks5(Peer& proxy, const std::string& host, int port) {
  proxy.Send(std::string("\x05\x01\x00", 3));
  EXPECT_EQ(proxy.Receive(2), std::string("\x05\x00", 2));
  proxy.Send(absl::StrCat(std::string("\x05\x01\x00\x03", 4),
                          std::string(1, static_cast<char>(host.size())), host,
                          std::string(1, static_cast<char>(port >> 8)),
                          std::string(1, static_cast<char>(port & 0xff))));
  const std::string answer = proxy.Receive(10);
  return answer.size() == 10 ? answer[1] : -1;
}

// The addresses (as /proc/net/tcp writes them) that are listened on at the port.
std::string ListeningAddresses(const std::string& port) {
  std::string found;
  std::ifstream table("/proc/net/tcp");
  const std::string suffix = absl::StrFormat(":%04X", std::stoi(port));
  for (std::string slot, local, remote, state, rest;
       table >> slot >> local >> remote >> state && std::getline(table, rest);) {
    if (state == "0A" && absl::EndsWith(local, suffix)) absl::StrAppend(&found, local, " ");
  }
  return found;
}

class ForwardsCarryConnections : public BothBackends {
 protected:
  void SetUp() override {
    BothBackends::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    port_ = FreePort();
  }
  // `ssh -N options… workspace`; returns when `address` is listened on.
  std::unique_ptr<Conversation> Forward(Words options, const std::string& address) {
    options.insert(options.end(), {"-N", "-o", "ExitOnForwardFailure=yes", workspace()});
    auto ssh = world().TalkSsh(options);
    WaitUntilListens(address, ssh.get());
    return ssh;
  }
  static void WaitUntilListens(const std::string& address, Conversation* ssh = nullptr) {
    WaitFor(
        [&] {
          if (ssh != nullptr) ssh->Pump(absl::ZeroDuration());
          return Listens(address) || (ssh != nullptr && !ssh->process().running());
        },
        absl::Seconds(20), "a listener at " + address);
    EXPECT_TRUE(ssh == nullptr || ssh->process().running()) << ssh->err();
  }
  static void WaitUntilFree(const std::string& address) {
    WaitFor([&] { return !Listens(address); }, absl::Seconds(10), address + " to be free again");
  }
  static void ExpectEcho(const std::string& address) {
    EXPECT_EQ(Exchange(address, "hello"), "hello");
    const std::string large = KnownBytes(3 << 20);
    EXPECT_TRUE(Exchange(address, large) == large) << "3 MiB there and back";
  }

  EchoServer echo_;
  std::string port_;  // free a moment ago
};
HOMEPORT_STORY_OF_BOTH(ForwardsCarryConnections);

TEST_P(ForwardsCarryConnections, FromHereToAPortThere) {
  const auto ssh = Forward({"-L", Loopback(port_) + ":localhost:" + echo_.port()}, Loopback(port_));
  ExpectEcho(Loopback(port_));
  ssh->process().Signal(SIGTERM);
  ssh->WaitToEnd();
}

TEST_P(ForwardsCarryConnections, FromHereToNobodyWhichIsSaid) {
  const std::string nobody = FreePort();
  const auto ssh = Forward({"-L", Loopback(port_) + ":localhost:" + nobody}, Loopback(port_));
  EXPECT_EQ(Exchange(Loopback(port_), ""), "");
  EXPECT_TRUE(ssh->WaitForError("open failed: connect failed: Connection refused"));
}

TEST_P(ForwardsCarryConnections, FromHereToANameThatIsNotKnown) {
  const auto ssh = Forward({"-L", Loopback(port_) + ":no-such-host.invalid:1"}, Loopback(port_));
  EXPECT_EQ(Exchange(Loopback(port_), ""), "");
  EXPECT_TRUE(ssh->WaitForError("open failed: "));
}

TEST_P(ForwardsCarryConnections, FromAPortThereToHere) {
  const auto ssh = Forward({"-R", port_ + ":" + echo_.address()}, Loopback(port_));
  ExpectEcho(Loopback(port_));
  ssh->process().Signal(SIGTERM);
  ssh->WaitToEnd();
  WaitUntilFree(Loopback(port_));
}

TEST_P(ForwardsCarryConnections, FromAPortThereThatIsFree) {
  const auto ssh = world().TalkSsh({"-N", "-R", "0:" + echo_.address(), workspace()});
  ASSERT_TRUE(ssh->WaitForError("for remote forward to"));
  const int port = NumberAfter("Allocated port ", ssh->err());
  ASSERT_GT(port, 0) << ssh->err();
  ExpectEcho(Loopback(absl::StrCat(port)));
}

TEST_P(ForwardsCarryConnections, FromThereOnlyWithinTheWorkspace) {
  const auto ssh = Forward({"-R", "*:" + port_ + ":" + echo_.address()}, Loopback(port_));
  EXPECT_EQ(ListeningAddresses(port_), absl::StrFormat("0100007F:%04X ", std::stoi(port_)));
}

TEST_P(ForwardsCarryConnections, FromThereUntilCancelled) {
  const SharedConnection shared(world(), workspace(), Path("s"));
  const Words forward = {"-R", port_ + ":" + echo_.address()};
  for (int i = 0; i < 3; ++i) {
    const Result made = shared.Order("forward", forward);
    EXPECT_EQ(made.status, 0) << made.err;
    WaitUntilListens(Loopback(port_));
    EXPECT_EQ(Exchange(Loopback(port_), "again"), "again");
    const Result cancelled = shared.Order("cancel", forward);
    EXPECT_EQ(cancelled.status, 0) << cancelled.err;
    WaitUntilFree(Loopback(port_));
  }
}

TEST_P(ForwardsCarryConnections, FromThereOnAFreePortUntilCancelled) {
  const SharedConnection shared(world(), workspace(), Path("s"));
  const Result made = shared.Order("forward", {"-R", "0:" + echo_.address()});
  EXPECT_EQ(made.status, 0) << made.err;
  const int port = NumberAfter("", made.out);
  ASSERT_GT(port, 0) << made.out;
  const std::string address = Loopback(absl::StrCat(port));
  EXPECT_EQ(Exchange(address, "again"), "again");
  EXPECT_EQ(shared.Order("cancel", {"-R", "0:" + echo_.address()}).status, 0);
  WaitUntilFree(address);
}

TEST_P(ForwardsCarryConnections, FromThereUntilTheClientIsGone) {
  for (int i = 0; i < 2; ++i) {
    const auto ssh = Forward({"-R", port_ + ":" + echo_.address()}, Loopback(port_));
    EXPECT_EQ(Exchange(Loopback(port_), "hello"), "hello");
    ssh->process().Signal(SIGKILL);
    WaitUntilFree(Loopback(port_));
  }
}

TEST_P(ForwardsCarryConnections, ButNotFromAPortThatIsTaken) {
  // Taken for both families, by us or by somebody else: sshd is content with one.
  const UniqueFd also(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in6 address = {};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  address.sin6_port = htons(static_cast<uint16_t>(std::stoi(echo_.port())));
  (void)bind(also.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  const Result result =
      Ssh("echo never", "",
          {"-o", "ExitOnForwardFailure=yes", "-R", echo_.port() + ":" + echo_.address()});
  EXPECT_EQ(result.status, 255);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err,
              HasSubstr("remote port forwarding failed for listen port " + echo_.port()));
  const Result goes_on = Ssh("echo on", "", {"-R", echo_.port() + ":" + echo_.address()});
  EXPECT_EQ(goes_on.out, "on\n");
  EXPECT_EQ(goes_on.status, 0);
}

TEST_P(ForwardsCarryConnections, ByWayOfASocksProxyHere) {
  const auto ssh = Forward({"-D", Loopback(port_)}, Loopback(port_));
  Peer peer(Loopback(port_));
  ASSERT_EQ(AskSocks5(peer, "localhost", std::stoi(echo_.port())), 0);
  peer.Send("through socks");
  EXPECT_EQ(peer.Receive(13), "through socks");
  peer.FinishSending();
  EXPECT_EQ(peer.ReceiveToEnd(), "");
}

TEST_P(ForwardsCarryConnections, ByWayOfASocksProxyThere) {
  const auto ssh = Forward({"-R", port_}, Loopback(port_));
  Peer peer(Loopback(port_));
  ASSERT_EQ(AskSocks5(peer, "localhost", std::stoi(echo_.port())), 0);
  peer.Send("back through socks");
  EXPECT_EQ(peer.Receive(18), "back through socks");
}

TEST_P(ForwardsCarryConnections, BetweenUnixSocketsBothWays) {
  const EchoServer unix_echo(Path("e"));
  {
    const auto there = Forward({"-L", Path("l") + ":" + Path("e")}, Path("l"));
    ExpectEcho(Path("l"));
  }
  const auto back = Forward({"-R", Path("r") + ":" + Path("e")}, Path("r"));
  ExpectEcho(Path("r"));
  struct stat info = {};
  EXPECT_EQ(stat(Path("r").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600) << "nobody else may connect";
}

TEST_P(ForwardsCarryConnections, BetweenPortsAndUnixSockets) {
  const EchoServer unix_echo(Path("e"));
  const auto there = Forward({"-L", Loopback(port_) + ":" + Path("e")}, Loopback(port_));
  ExpectEcho(Loopback(port_));
  const auto back = Forward({"-R", Path("r") + ":" + echo_.address()}, Path("r"));
  ExpectEcho(Path("r"));
  const auto nobody = Forward({"-L", Path("n") + ":" + Path("missing")}, Path("n"));
  EXPECT_EQ(Exchange(Path("n"), ""), "");
  EXPECT_TRUE(nobody->WaitForError("open failed: "));
}

TEST_P(ForwardsCarryConnections, FromAUnixSocketThereUntilCancelled) {
  const SharedConnection shared(world(), workspace(), Path("s"));
  const Words forward = {"-R", Path("r") + ":" + echo_.address()};
  ASSERT_EQ(shared.Order("forward", forward).status, 0);
  WaitUntilListens(Path("r"));
  EXPECT_EQ(shared.Order("cancel", forward).status, 0);
  WaitUntilFree(Path("r"));
  const bool left = access(Path("r").c_str(), F_OK) == 0;
  if (on_box()) {
    Differs("sshd leaves the socket's file behind, and refuses the same path again");
    EXPECT_TRUE(left);
  } else {
    EXPECT_FALSE(left) << "the socket's file";
    EXPECT_EQ(shared.Order("forward", forward).status, 0);
    ExpectEcho(Path("r"));
  }
}

TEST_P(ForwardsCarryConnections, OnStandardInputAndOutput) {
  const std::string large = KnownBytes(1 << 20);
  const Result result = RunToEnd(SshCommand({"-W", echo_.address()}, ""), large);
  EXPECT_TRUE(result.out == large) << result.out.size() << " bytes came back; " << result.err;
  EXPECT_EQ(result.status, 0) << result.err;
}

TEST_P(ForwardsCarryConnections, WhenTheWorkspaceIsAJumpHost) {
  const std::string config = absl::StrCat("Host *\n  IdentityFile ", world().KeyFile("demo"),
                                          "\nInclude ", world().Path("ssh_config"), "\n");
  ASSERT_TRUE(WriteFileAtomically(Path("config"), config, 0600).ok());
  const Result result = Bash("ssh -F $DIR/config -J $WS -l dev 127.0.0.1 'cat; exit 5'", "beyond");
  EXPECT_EQ(result.out, "beyond");
  EXPECT_EQ(result.status, 5) << result.err;
}

TEST_P(ForwardsCarryConnections, InTheBackground) {
  const Result started =
      Bash("$SSH -f -N -M -S $DIR/s -L " + Loopback(port_) + ":" + echo_.address() + " $WS");
  EXPECT_EQ(started.status, 0) << started.err;
  EXPECT_EQ(Exchange(Loopback(port_), "hello"), "hello");
  EXPECT_EQ(Bash("$SSH -S $DIR/s -O exit $WS").status, 0);
  WaitUntilFree(Loopback(port_));
  EXPECT_EQ(Bash("$SSH -f $WS 'echo 7 >'$DIR/done").status, 0);
  EXPECT_EQ(NumberFrom(Path("done")), 7);
}

TEST_P(ForwardsCarryConnections, ManyAtOnceOfWhichSomeStandStill) {
  const auto ssh = Forward({"-L", Loopback(port_) + ":" + echo_.address()}, Loopback(port_));
  std::vector<std::unique_ptr<Peer>> peers;
  for (int i = 0; i < 60; ++i) {
    peers.push_back(std::make_unique<Peer>(Loopback(port_)));
    ASSERT_TRUE(peers.back()->connected());
    peers.back()->Send(absl::StrCat("number ", i, ";"));
  }
  // Nobody has read anything yet; now the odd ones go away and the even ones go on.
  for (size_t i = 1; i < peers.size(); i += 2) peers[i].reset();
  for (size_t i = 0; i < peers.size(); i += 2) {
    const std::string said = absl::StrCat("number ", i, ";");
    EXPECT_EQ(peers[i]->Receive(said.size()), said);
    peers[i]->Send("more");
    EXPECT_EQ(peers[i]->Receive(4), "more");
  }
}

}  // namespace
}  // namespace homeport::story
