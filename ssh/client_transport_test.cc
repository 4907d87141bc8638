// A client and a server of ours in one loop, where it is known what arrives together.
#include "ssh/client_transport.h"

#include <sys/socket.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/ssh_wire.h"
#include "base/test_key.h"
#include "gmock/gmock.h"
#include "ssh/host_keys.h"
#include "ssh/library.h"
#include "ssh/message_numbers.h"
#include "ssh/server_transport.h"

namespace homeport::ssh {
namespace {

using ::testing::ElementsAre;

constexpr absl::Duration kPatience = absl::Seconds(30);

std::string GlobalRequest(const std::string& name) {
  return WireWriter().Byte(kGlobalRequest).String(name).Bool(false).bytes();
}

// Accepts whoever signs, and says at once what it has to say.
class TalkativeServer : public ServerTransport::ServerHandler {
 public:
  bool MayTry(const std::string&, const std::string&) override { return true; }
  void OnKeyProved(const std::string&, const std::string& public_blob) override {
    proved = public_blob;
    transport->Accept();
    for (const std::string& packet : greetings) transport->Send(packet);
  }
  bool OnPacket(absl::string_view) override { return true; }
  void OnOutputDrained() override {}
  void OnClosed(const absl::Status&) override {}

  std::string proved;
  std::vector<std::string> greetings;
  std::unique_ptr<ServerTransport> transport;
};

class ClientTransportTest : public testing::Test, public ClientTransport::ClientHandler {
 protected:
  ClientTransportTest() { InitLibrary(); }

  // Until the client has seen `last`.
  void Run(const std::string& last) {
    last_ = last;
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
    auto keys = HostKeys::Generate();
    ASSERT_TRUE(keys.ok());
    auto factory = ServerTransportFactory::Create(*keys, ServerTransport::Limits());
    ASSERT_TRUE(factory.ok());
    auto accepted = (*factory)->Accept(loop_, UniqueFd(ends[0]), server_);
    ASSERT_TRUE(accepted.ok());
    server_.transport = *std::move(accepted);
    ClientTransport::Options options;
    options.user = "tester";
    options.public_blob = key_.PublicBlob();
    auto client = ClientTransport::Create(loop_, UniqueFd(ends[1]), options, *this);
    ASSERT_TRUE(client.ok()) << client.status();
    client_ = *std::move(client);
    loop_.After(kPatience, [this] { loop_.Stop(); });
    loop_.Run();
    client_.reset();
    server_.transport.reset();
  }

  void OnSignatureWanted(const std::string&, const std::string& to_sign) override {
    WireReader reader(to_sign);
    reader.String();  // the session's identifier
    reader.Byte();
    for (int i = 0; i < 3; ++i) reader.String();  // user, service, method
    reader.Bool();
    algorithm_ = std::string(reader.String());
    client_->ProvideSignature(key_.Sign(to_sign, algorithm_));
  }
  void OnSignedIn() override { Note("signed in"); }
  bool OnPacket(absl::string_view payload) override {
    WireReader reader(payload);
    reader.Byte();
    Note(std::string(reader.String()));
    return true;
  }
  void OnOutputDrained() override {}
  void OnClosed(const absl::Status& status) override {
    Note(absl::StrCat("closed: ", status.message()));
    loop_.Stop();
  }
  void Note(const std::string& what) {
    seen_.push_back(what);
    if (what == last_) loop_.Stop();
  }

  TestKey key_{"ssh-ed25519"};
  std::string algorithm_;  // that the signature was to be of
  EventLoop loop_;
  TalkativeServer server_;
  std::unique_ptr<ClientTransport> client_;
  std::string last_;
  std::vector<std::string> seen_;
};

TEST_F(ClientTransportTest, PacketsThatComeWithTheEndOfAuthenticationComeAfterIt) {
  server_.greetings = {GlobalRequest("first"), GlobalRequest("second"), GlobalRequest("third")};
  Run("third");
  EXPECT_THAT(seen_, ElementsAre("signed in", "first", "second", "third"));
}

TEST_F(ClientTransportTest, ButNotWithoutEnd) {
  server_.greetings.assign(1000, GlobalRequest("again"));
  Run("never");
  ASSERT_FALSE(seen_.empty());
  EXPECT_EQ(seen_.back(), "closed: protocol error");
  EXPECT_LT(seen_.size(), 100u);
}

struct KeyKind {
  const char* key;
  const char* signature;
};

class ClientTransportKeyTest : public ClientTransportTest,
                               public testing::WithParamInterface<KeyKind> {};

TEST_P(ClientTransportKeyTest, SignsInWithTheKeyAndItsBestAlgorithm) {
  key_ = TestKey(GetParam().key);
  Run("signed in");
  EXPECT_THAT(seen_, ElementsAre("signed in"));
  EXPECT_EQ(algorithm_, GetParam().signature);
  EXPECT_EQ(server_.proved, key_.PublicBlob());
}
INSTANTIATE_TEST_SUITE_P(All, ClientTransportKeyTest,
                         testing::Values(KeyKind{"ssh-ed25519", "ssh-ed25519"},
                                         KeyKind{"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"},
                                         KeyKind{"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384"},
                                         KeyKind{"ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521"},
                                         KeyKind{"ssh-rsa", "rsa-sha2-512"}));

}  // namespace
}  // namespace homeport::ssh
