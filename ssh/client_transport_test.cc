// A client and a server of ours in one loop, where it is known what arrives together.
#include "ssh/client_transport.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/ssh_wire.h"
#include "base/test_key.h"
#include "gmock/gmock.h"
#include "ssh/handles.h"
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
    auto keys = HostKeys::Generate();
    ASSERT_TRUE(keys.ok());
    auto factory = ServerTransportFactory::Create(*keys, ServerTransport::Limits());
    ASSERT_TRUE(factory.ok());
    RunAgainst(
        [&](UniqueFd socket) {
          auto accepted = (*factory)->Accept(loop_, std::move(socket), server_);
          ASSERT_TRUE(accepted.ok());
          server_.transport = *std::move(accepted);
        },
        last);
    server_.transport.reset();
  }
  void RunAgainst(const std::function<void(UniqueFd socket)>& serve, const std::string& last) {
    last_ = last;
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
    serve(UniqueFd(ends[0]));
    ClientTransport::Options options;
    options.user = "tester";
    options.public_blob = key_.PublicBlob();
    auto client = ClientTransport::Create(loop_, UniqueFd(ends[1]), options, *this);
    ASSERT_TRUE(client.ok()) << client.status();
    client_ = *std::move(client);
    loop_.After(kPatience, [this] { loop_.Stop(); });
    loop_.Run();
    client_.reset();
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

// A server that accepts signatures of these algorithms alone, and says so (RFC 8308, 3.1).
void ServePicky(UniqueFd socket, const char* algorithms) {
  const bool process_config = false;
  ssh_key host_key = nullptr;
  ASSERT_EQ(ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &host_key), SSH_OK);
  const BindHandle bind(ssh_bind_new());
  ssh_bind_options_set(bind.get(), SSH_BIND_OPTIONS_PROCESS_CONFIG, &process_config);
  ssh_bind_options_set(bind.get(), SSH_BIND_OPTIONS_IMPORT_KEY, host_key);
  ssh_bind_options_set(bind.get(), SSH_BIND_OPTIONS_PUBKEY_ACCEPTED_KEY_TYPES, algorithms);
  const SessionHandle session(ssh_new());
  ssh_options_set(session.get(), SSH_OPTIONS_PROCESS_CONFIG, &process_config);
  fcntl(socket.get(), F_SETFL, 0);
  ASSERT_EQ(ssh_bind_accept_fd(bind.get(), session.get(), socket.Release()), SSH_OK);
  ssh_set_auth_methods(session.get(), SSH_AUTH_METHOD_PUBLICKEY);
  ASSERT_EQ(ssh_handle_key_exchange(session.get()), SSH_OK) << ssh_get_error(session.get());
  while (MessageHandle message{ssh_message_get(session.get())}) {
    if (ssh_message_type(message.get()) == SSH_REQUEST_SERVICE) {
      ssh_message_service_reply_success(message.get());
    } else {
      ssh_message_auth_reply_success(message.get(), 0);  // libssh refuses bad signatures itself
      return;
    }
  }
}

TEST_F(ClientTransportTest, AnRsaKeySignsWithWhatTheServerAccepts) {
  key_ = TestKey("ssh-rsa");
  std::thread server;
  RunAgainst(
      [&](UniqueFd socket) {
        auto shared = std::make_shared<UniqueFd>(std::move(socket));  // must be copyable
        server = std::thread([shared] { ServePicky(std::move(*shared), "rsa-sha2-256"); });
      },
      "signed in");
  server.join();
  ASSERT_FALSE(seen_.empty());
  EXPECT_EQ(seen_.front(), "signed in");
  EXPECT_EQ(algorithm_, "rsa-sha2-256");
}

TEST_F(ClientTransportTest, AnRsaKeyIsOfNoUseToAServerThatTakesNone) {
  key_ = TestKey("ssh-rsa");
  std::thread server;
  RunAgainst(
      [&](UniqueFd socket) {
        auto shared = std::make_shared<UniqueFd>(std::move(socket));  // must be copyable
        server = std::thread([shared] { ServePicky(std::move(*shared), "ssh-ed25519"); });
      },
      "never");
  server.join();
  ASSERT_FALSE(seen_.empty());
  EXPECT_THAT(seen_.back(), testing::HasSubstr("closed: "));
  EXPECT_EQ(algorithm_, "") << "nothing was to be signed";
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
