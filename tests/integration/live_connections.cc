#include "tests/integration/live_connections.h"

#include <unistd.h>

#include <csignal>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/integration/wait_for.h"

namespace homeport::story {
namespace {

using ::testing::HasSubstr;

// Sends back what it is sent, to one client after another.
constexpr char kEcho[] = R"(
import socket, sys
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    client, _ = server.accept()
    while data := client.recv(4096):
        client.sendall(data)
)";

int NextNumber() {
  static int number = 0;
  return ++number;
}

}  // namespace

Words LiveConnections::With(const Words& words) const {
  Words all = options_;
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

LiveConnections::LiveConnections(World& world, const std::string& workspace, const Words& options)
    : world_(world),
      workspace_(workspace),
      options_(options),
      socket_(world.Path(absl::StrCat("mux", NextNumber()))) {
  alone_ = world_.LiveSession(With({workspace_}));
  // As an ssh_config with ControlMaster auto and ControlPersist does it: the person's own ssh is a
  // client of the shared connection, which runs in the background.
  const std::string port = FreePort();
  const std::string behind = FreePort();
  Process::Command echo;
  echo.arguments = {"python3", "-c", kEcho, behind};
  echo_ = std::make_unique<Process>(echo);
  WaitFor([&] { return TcpConnection("127.0.0.1:" + behind).connected(); }, absl::Seconds(20),
          "the echo server to listen");
  master_ =
      world_.TalkSsh(With({"-M", "-N", "-S", socket_, "-o", "ExitOnForwardFailure=yes", "-L",
                           absl::StrCat("127.0.0.1:", port, ":127.0.0.1:", behind), workspace_}));
  WaitFor([&] { return access(socket_.c_str(), F_OK) == 0; }, absl::Seconds(20),
          "the shared connection");
  shared_ = world_.LiveSession(With({"-S", socket_, workspace_}));
  forwarded_ = std::make_unique<TcpConnection>("127.0.0.1:" + port);
  EXPECT_TRUE(forwarded_->connected());
  ExpectAlive();
}

LiveConnections::~LiveConnections() = default;

void LiveConnections::ExpectAlive() {
  World::Say(*alone_, "alone");
  World::Say(*shared_, "shared");
  const size_t had = forwarded_->received().size();
  forwarded_->Send("x");
  WaitFor(
      [&] {
        forwarded_->WaitUntilClosed(absl::Milliseconds(20));  // takes what comes meanwhile
        return forwarded_->closed() || forwarded_->received().size() > had;
      },
      absl::Seconds(20), "what is sent through the forwarded connection to come back");
  EXPECT_FALSE(forwarded_->closed()) << "of the forwarded connection";
}

void LiveConnections::ExpectForwardEnded() {
  EXPECT_TRUE(forwarded_->WaitUntilClosed(absl::Seconds(20))) << "of the forwarded connection";
  World::Say(*alone_, "alone still");
  World::Say(*shared_, "shared still");
}

void LiveConnections::ExpectEnded(const std::string& sentence) {
  EXPECT_TRUE(forwarded_->WaitUntilClosed(absl::Seconds(20))) << "of the forwarded connection";
  const Result alone = alone_->WaitToEnd();
  EXPECT_EQ(alone.status, 255);
  EXPECT_THAT(alone.err, HasSubstr(sentence)) << "of a connection of its own";
  const Result shared = shared_->WaitToEnd();
  EXPECT_EQ(shared.status, 255);
  EXPECT_THAT(shared.err, HasSubstr(sentence)) << "of a session in a shared connection";
  const Result master = master_->WaitToEnd();
  EXPECT_EQ(master.status, 255);
  EXPECT_THAT(master.err, HasSubstr(sentence)) << "of the shared connection";
}

}  // namespace homeport::story
