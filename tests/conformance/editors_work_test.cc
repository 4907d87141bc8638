// What editors do over ssh, as a script of their traffic: VS Code's Remote-SSH (a bootstrap script
// on standard input that starts a server and says where it listens, and then many channels to it
// through a SOCKS proxy or a Unix socket) and JetBrains Gateway (an upload by SFTP, commands, a
// forward).
#include <csignal>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/file.h"
#include "gmock/gmock.h"
#include "tests/conformance/both_backends.h"
#include "tests/conformance/peer.h"
#include "tests/integration/tcp_connection.h"

namespace homeport::story {
namespace {

using ::testing::HasSubstr;

// The editor's server: sends back lines in upper case, at a loopback port and a Unix socket.
constexpr char kServer[] = R"(
import os, socketserver, sys, threading
class Shout(socketserver.StreamRequestHandler):
  def handle(self):
    for line in self.rfile:
      self.wfile.write(line.upper())
class Tcp(socketserver.ThreadingMixIn, socketserver.TCPServer):
  request_queue_size = 128
  daemon_threads = True
class Unix(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
  request_queue_size = 128
  daemon_threads = True
folder = os.path.dirname(os.path.abspath(__file__))
tcp = Tcp(('127.0.0.1', 0), Shout)
unix = Unix(folder + '/server.sock', Shout)
threading.Thread(target=unix.serve_forever, daemon=True).start()
with open(folder + '/port.new', 'w') as file:
  file.write('%d\n' % tcp.server_address[1])
os.rename(folder + '/port.new', folder + '/port')
tcp.serve_forever()
)";

// As VS Code's: everything between two marks, so that banners and profiles do not matter.
constexpr char kBootstrap[] = R"(
echo "a1b2c3: start"
uname -rsv; echo "SHELL=$SHELL"; umask >/dev/null
mkdir -p "$FOLDER/bin"
cat >"$FOLDER/server.py" <<'EOF'
$SERVER
EOF
cd "$FOLDER"
command -v setsid >/dev/null && detach=setsid
nohup $detach /usr/bin/python3 "$FOLDER/server.py" </dev/null >"$FOLDER/log" 2>&1 &
echo $! >"$FOLDER/server.pid"
for i in $(seq 200); do test -e "$FOLDER/port" && break; sleep 0.05; done
echo "listeningOn==$(cat "$FOLDER/port")=="
echo "socketPath==$FOLDER/server.sock=="
echo "a1b2c3: end"
)";

class EditorsWork : public BothBackends {
 protected:
  void TearDown() override {
    if (server_ > 0) kill(server_, SIGKILL);
  }

  // What VS Code does first: a shell that reads the script from standard input.
  void Bootstrap(const Words& options, const std::string& shell) {
    const std::string script =
        absl::StrReplaceAll(kBootstrap, {{"$FOLDER", Path("")}, {"$SERVER", kServer}});
    const Result result = Ssh(shell, script, options);
    server_ = NumberFrom(Path("server.pid"));
    ASSERT_EQ(result.status, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr("a1b2c3: start\n"));
    EXPECT_THAT(result.out, HasSubstr("a1b2c3: end\n"));
    port_ = NumberAfter("listeningOn==", result.out);
    ASSERT_GT(port_, 0) << result.out << result.err;
    EXPECT_TRUE(IsAlive(server_)) << "the server outlives the session that started it";
  }

  static void ExpectShout(Peer& peer, const std::string& word) {
    peer.Send(word + "\n");
    EXPECT_EQ(peer.Receive(word.size() + 1), absl::AsciiStrToUpper(word) + "\n");
  }

  // A connection through the SOCKS proxy at the port.
  std::unique_ptr<Peer> ThroughSocks(const std::string& proxy_port) const {
    auto peer = std::make_unique<Peer>("127.0.0.1:" + proxy_port);
    peer->Send(std::string("\x05\x01\x00", 3));
    EXPECT_EQ(peer->Receive(2), std::string("\x05\x00", 2));
    std::string request("\x05\x01\x00\x01\x7f\x00\x00\x01", 8);
    request += static_cast<char>(port_ >> 8);
    request += static_cast<char>(port_ & 0xff);
    peer->Send(request);
    EXPECT_EQ(peer->Receive(10).substr(0, 2), std::string("\x05\x00", 2));
    return peer;
  }

  int server_ = -1;
  int port_ = -1;
};
HOMEPORT_STORY_OF_BOTH(EditorsWork);

TEST_P(EditorsWork, LikeVsCodeThroughADynamicForward) {
  const std::string proxy = FreePort();
  // `ssh -T -D PORT workspace bash`, of which the session stays open as the editor's lifeline.
  const auto ssh =
      world().TalkSsh({"-T", "-D", proxy, "-o", "ConnectTimeout=15", workspace(), "bash"});
  ssh->Send(absl::StrReplaceAll(kBootstrap, {{"$FOLDER", Path("")}, {"$SERVER", kServer}}));
  ASSERT_TRUE(ssh->WaitForOutput("a1b2c3: end\n"));
  server_ = NumberFrom(Path("server.pid"));
  port_ = NumberAfter("listeningOn==", ssh->out());
  ASSERT_GT(port_, 0);
  std::vector<std::unique_ptr<Peer>> channels;
  for (int i = 0; i < 40; ++i) {
    channels.push_back(ThroughSocks(proxy));
    ExpectShout(*channels.back(), absl::StrCat("hello ", i));
  }
  // Some of the channels are closed and others opened, as windows of the editor are.
  for (size_t i = 0; i < channels.size(); i += 3) channels[i] = ThroughSocks(proxy);
  for (const auto& channel : channels) ExpectShout(*channel, "still here");
  const std::string large = std::string(2 << 20, 'x') + "\n";
  channels[0]->Send(large);
  EXPECT_TRUE(channels[0]->Receive(large.size()) == absl::AsciiStrToUpper(large));
  ssh->Send("echo the session $((40+2))\n");
  EXPECT_TRUE(ssh->WaitForOutput("the session 42\n")) << "meanwhile the session is there";
  ssh->Send("exit\n");
  ssh->CloseInput();
  channels.clear();
  EXPECT_EQ(ssh->WaitToEnd().status, 0);
}

TEST_P(EditorsWork, LikeVsCodeThroughAUnixSocketAndASharedConnection) {
  const SharedConnection shared(world(), workspace(), Path("s"));
  ASSERT_NO_FATAL_FAILURE(Bootstrap({"-S", Path("s")}, "sh"));
  ASSERT_EQ(shared.Order("forward", {"-L", Path("l") + ":" + Path("server.sock")}).status, 0);
  std::vector<std::unique_ptr<Peer>> channels;
  std::vector<std::unique_ptr<Conversation>> sessions;
  for (int i = 0; i < 8; ++i) {
    channels.push_back(std::make_unique<Peer>(Path("l")));
    ExpectShout(*channels.back(), absl::StrCat("window ", i));
    sessions.push_back(std::make_unique<Conversation>(shared.Command({workspace(), "cat"})));
    World::Say(*sessions.back(), "terminal");
  }
  for (const auto& channel : channels) ExpectShout(*channel, "still here");
  for (const auto& session : sessions) World::Say(*session, "still here");
}

TEST_P(EditorsWork, LikeJetBrainsGateway) {
  const SharedConnection shared(world(), workspace(), Path("s"));
  const std::string batch = absl::StrCat("put -r ", Path("up"), " ", Path("dist"), "\nchmod 755 ",
                                         Path("dist/bin/run"), "\n");
  const Result made = Bash(
      "mkdir -p up/bin up/lib; head -c 8000000 /dev/urandom >up/lib/jar; "
      "printf '#!/bin/sh\\necho \"running $1\"\\n' >up/bin/run");
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(shared.Run("uname -sm; test -d /usr").status, 0);
  const Result upload = Bash("sftp $OPTIONS -o ControlPath=$DIR/s -b - $WS", batch);
  ASSERT_EQ(upload.status, 0) << upload.err;
  EXPECT_EQ(Bash("cmp up/lib/jar dist/lib/jar").status, 0);
  EXPECT_EQ(shared.Run(Path("dist/bin/run") + " ide").out, "running ide\n");
  ASSERT_NO_FATAL_FAILURE(Bootstrap({"-S", Path("s")}, "bash -l"));
  const std::string port = FreePort();
  ASSERT_EQ(shared.Order("forward", {"-L", absl::StrCat(port, ":localhost:", port_)}).status, 0);
  Peer peer("127.0.0.1:" + port);
  ExpectShout(peer, "the backend of the ide");
}

}  // namespace
}  // namespace homeport::story
