// What the real clients of the other tests do not reach: a connection that cannot be served, and
// sign-ins that a client of good faith would not try.
#include "ssh/server_transport.h"

#include <fcntl.h>
#include <openssl/sha.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/ssh_wire.h"
#include "base/test_key.h"
#include "gmock/gmock.h"
#include "ssh/handles.h"
#include "ssh/library.h"

namespace homeport::ssh {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kSkEd25519[] = "sk-ssh-ed25519@openssh.com";
constexpr char kSkEcdsa[] = "sk-ecdsa-sha2-nistp256@openssh.com";

class NoHandler : public ServerTransport::ServerHandler {
  bool MayTry(const std::string&, const std::string&) override { return false; }
  void OnKeyProved(const std::string&, const std::string&) override {}
  bool OnPacket(absl::string_view) override { return false; }
  void OnOutputDrained() override {}
  void OnClosed(const absl::Status&) override {}
};

TEST(ServerTransportTest, ASocketIsClosedWhetherItIsServedOrNot) {
  InitLibrary();
  auto keys = HostKeys::Generate();
  ASSERT_TRUE(keys.ok());
  auto factory = ServerTransportFactory::Create(*keys, ServerTransport::Limits());
  ASSERT_TRUE(factory.ok());
  EventLoop loop;
  NoHandler handler;
  for (const bool client_gone : {false, true}) {
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
    UniqueFd client(ends[1]);
    if (client_gone) client.Reset();
    { auto transport = (*factory)->Accept(loop, UniqueFd(ends[0]), handler); }
    EXPECT_EQ(fcntl(ends[0], F_GETFD), -1) << client_gone;
  }
}

// Would let everybody in who gets as far as to ask.
class KeenHandler : public ServerTransport::ServerHandler {
 public:
  bool MayTry(const std::string&, const std::string& blob) override {
    tried.push_back(blob);
    return true;
  }
  void OnKeyProved(const std::string&, const std::string& blob) override {
    proved.push_back(blob);
    transport->Accept();
  }
  bool OnPacket(absl::string_view) override { return true; }
  void OnOutputDrained() override {}
  void OnClosed(const absl::Status&) override {}

  std::unique_ptr<ServerTransport> transport;
  std::vector<std::string> tried, proved;
};

// What a client signs: the session's identifier and the request (RFC 4252, 7).
std::string ToSign(const std::string& session_id, const std::string& algorithm,
                   const std::string& blob) {
  return WireWriter()
      .String(session_id)
      .Byte(50)
      .String("tester")
      .String("ssh-connection")
      .String("publickey")
      .Bool(true)
      .String(algorithm)
      .String(blob)
      .bytes();
}

class SignInTest : public testing::Test {
 protected:
  using Signer = std::function<std::string(const std::string& to_sign)>;

  // Runs a client against the server until the client is through.
  void Serve(const std::function<void(ssh_session)>& client) {
    InitLibrary();
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    ASSERT_EQ(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    auto factory = ServerTransportFactory::Create(*HostKeys::Generate(), ServerTransport::Limits());
    ASSERT_TRUE(factory.ok());
    EventLoop loop;
    handler_.transport = *(*factory)->Accept(loop, UniqueFd(ends[0]), handler_);
    std::thread thread([&] {
      const SessionHandle session(ssh_new());
      Connect(session.get(), ends[1]);
      client(session.get());
      loop.Stop();
    });
    loop.Run();
    thread.join();
    handler_.transport.reset();
  }

  // The answer to a sign-in with a request that names the algorithm and the key.
  int SignIn(const std::string& algorithm, const std::string& blob, const Signer& sign) {
    int answer = SSH_AUTH_ERROR;
    Serve([&](ssh_session session) {
      // libssh's own request starts the service and shows the session's identifier.
      const KeyHandle any = KeyFromBlob(TestKey("ssh-ed25519").PublicBlob());
      ssh_string own = nullptr;
      ASSERT_EQ(ssh_userauth_publickey_to_sign(session, "tester", any.get(), &own), SSH_OK);
      const std::string bytes = ToBytes(StringHandle(own).get());
      const std::string to_sign = ToSign(std::string(WireReader(bytes).String()), algorithm, blob);
      answer = ssh_userauth_publickey_with_signature(session, MakeString(to_sign).get(),
                                                     MakeString(sign(to_sign)).get());
    });
    return answer;
  }
  int SignIn(const TestKey& key, const std::string& named, const std::string& signed_with) {
    return SignIn(named, key.PublicBlob(),
                  [&](const std::string& to_sign) { return key.Sign(to_sign, signed_with); });
  }
  // The answer to the question whether a key would do.
  int Ask(const std::string& blob) {
    int answer = SSH_AUTH_ERROR;
    Serve([&](ssh_session session) {
      const KeyHandle key = KeyFromBlob(blob);
      ASSERT_NE(key, nullptr);
      answer = ssh_userauth_try_publickey(session, "tester", key.get());
    });
    return answer;
  }

  KeenHandler handler_;

 private:
  static void Connect(ssh_session session, int fd) {
    const bool process_config = false;
    const int rsa_bits = 1024;
    const long patience = 30;
    ssh_options_set(session, SSH_OPTIONS_PROCESS_CONFIG, &process_config);
    ssh_options_set(session, SSH_OPTIONS_HOST, "server");
    ssh_options_set(session, SSH_OPTIONS_FD, &fd);
    ssh_options_set(session, SSH_OPTIONS_RSA_MIN_SIZE, &rsa_bits);
    ssh_options_set(session, SSH_OPTIONS_TIMEOUT, &patience);
    ASSERT_EQ(ssh_connect(session), SSH_OK) << ssh_get_error(session);
  }
};

TEST_F(SignInTest, AKeySignsWithItsOwnAlgorithms) {
  for (const std::string algorithm :
       {"ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"}) {
    const TestKey key(algorithm);
    handler_.proved.clear();
    EXPECT_EQ(SignIn(key, algorithm, ""), SSH_AUTH_SUCCESS) << algorithm;
    EXPECT_THAT(handler_.proved, ElementsAre(key.PublicBlob()));
  }
  const TestKey rsa("ssh-rsa");
  EXPECT_EQ(SignIn(rsa, "rsa-sha2-256", "rsa-sha2-256"), SSH_AUTH_SUCCESS);
  EXPECT_EQ(SignIn(rsa, "rsa-sha2-512", "rsa-sha2-512"), SSH_AUTH_SUCCESS);
}

TEST_F(SignInTest, AnRsaKeyNeverSignsWithSha1) {
  const TestKey rsa("ssh-rsa");
  EXPECT_EQ(SignIn(rsa, "ssh-rsa", "ssh-rsa"), SSH_AUTH_DENIED);
  EXPECT_EQ(SignIn(rsa, "rsa-sha2-512", "ssh-rsa"), SSH_AUTH_DENIED);
  EXPECT_EQ(SignIn(rsa, "ssh-rsa", "rsa-sha2-512"), SSH_AUTH_DENIED);
  EXPECT_THAT(handler_.proved, IsEmpty());
}

TEST_F(SignInTest, TheSignatureIsOfTheAlgorithmThatTheRequestNames) {
  const TestKey rsa("ssh-rsa"), ed25519("ssh-ed25519"), ecdsa("ecdsa-sha2-nistp256");
  EXPECT_EQ(SignIn(rsa, "rsa-sha2-256", "rsa-sha2-512"), SSH_AUTH_DENIED);
  EXPECT_EQ(SignIn(rsa, "rsa-sha2-512", "rsa-sha2-256"), SSH_AUTH_DENIED);
  EXPECT_EQ(SignIn(rsa, "rsa-sha2-512-cert-v01@openssh.com", "rsa-sha2-512"), SSH_AUTH_DENIED);
  EXPECT_EQ(SignIn(ed25519, "rsa-sha2-512", ""), SSH_AUTH_DENIED);
  EXPECT_EQ(SignIn(ed25519, "ssh-ed25519-cert-v01@openssh.com", ""), SSH_AUTH_DENIED);
  EXPECT_EQ(SignIn(ed25519, "", ""), SSH_AUTH_DENIED);
  EXPECT_EQ(SignIn(ecdsa, "ecdsa-sha2-nistp384", ""), SSH_AUTH_DENIED);
  EXPECT_THAT(handler_.proved, IsEmpty());
}

TEST_F(SignInTest, AShortRsaKeyIsRefusedWhenItIsOffered) {
  const TestKey short_key("ssh-rsa", 1024), long_key("ssh-rsa", 2048);
  EXPECT_EQ(Ask(short_key.PublicBlob()), SSH_AUTH_DENIED);
  EXPECT_EQ(SignIn(short_key, "rsa-sha2-512", "rsa-sha2-512"), SSH_AUTH_DENIED);
  EXPECT_THAT(handler_.tried, IsEmpty());
  EXPECT_EQ(Ask(long_key.PublicBlob()), SSH_AUTH_SUCCESS);
  EXPECT_THAT(handler_.tried, ElementsAre(long_key.PublicBlob()));
}

TEST_F(SignInTest, DsaIsNotKnown) {
  WireWriter blob;
  blob.String("ssh-dss");
  for (int i = 0; i < 4; ++i) blob.String(std::string(20, '\1'));  // p, q, g and y
  const std::string signature =
      WireWriter().String("ssh-dss").String(std::string(40, '\1')).bytes();
  EXPECT_EQ(SignIn("ssh-dss", blob.bytes(), [&](const std::string&) { return signature; }),
            SSH_AUTH_DENIED);
  EXPECT_THAT(handler_.tried, IsEmpty());
  EXPECT_THAT(handler_.proved, IsEmpty());
}

TEST_F(SignInTest, ACertificateIsNoKey) {
  const TestKey key("ssh-ed25519"), authority("ssh-ed25519");
  const std::string plain = key.PublicBlob();
  // OpenSSH PROTOCOL.certkeys: valid for everybody, for ever.
  WireWriter certificate;
  certificate.String("ssh-ed25519-cert-v01@openssh.com").String("nonce");
  certificate.String(plain.substr(plain.size() - 32)).Uint64(1).Uint32(1).String("id");
  certificate.String(WireWriter().String("tester").bytes()).Uint64(0).Uint64(~uint64_t{0});
  certificate.String("").String("").String("").String(authority.PublicBlob());
  const std::string blob =
      WireWriter().Raw(certificate.bytes()).String(authority.Sign(certificate.bytes())).bytes();
  EXPECT_EQ(Ask(blob), SSH_AUTH_DENIED);
  for (const char* named : {"ssh-ed25519", "ssh-ed25519-cert-v01@openssh.com"}) {
    EXPECT_EQ(SignIn(named, blob, [&](const std::string& to_sign) { return key.Sign(to_sign); }),
              SSH_AUTH_DENIED)
        << named;
  }
  EXPECT_THAT(handler_.tried, IsEmpty());
  EXPECT_THAT(handler_.proved, IsEmpty());
}

std::string Sha256(const std::string& bytes) {
  std::string hash(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(hash.data()));
  return hash;
}

// The signature of a security key (OpenSSH PROTOCOL.u2f), whose flags are part of what it signs.
std::string SecurityKeySignature(const TestKey& key, const std::string& algorithm, uint8_t flags,
                                 const std::string& to_sign) {
  const std::string data =
      WireWriter().Raw(Sha256("ssh:")).Byte(flags).Uint32(1).Raw(Sha256(to_sign)).bytes();
  const std::string signature = key.Sign(data);
  WireReader reader(signature);
  reader.String();
  return WireWriter().String(algorithm).String(reader.String()).Byte(flags).Uint32(1).bytes();
}

TEST_F(SignInTest, ASecurityKeyNeedsSomebodysTouch) {
  for (const auto& [algorithm, plain] : std::vector<std::pair<std::string, std::string>>{
           {kSkEd25519, "ssh-ed25519"}, {kSkEcdsa, "ecdsa-sha2-nistp256"}}) {
    const TestKey key(plain);
    const std::string plain_blob = key.PublicBlob();
    WireReader fields(plain_blob);
    fields.String();
    const std::string blob =
        WireWriter().String(algorithm).Raw(fields.rest()).String("ssh:").bytes();
    for (const auto& [flags, answer] : std::vector<std::pair<uint8_t, int>>{
             {0x01, SSH_AUTH_SUCCESS},    // present
             {0x05, SSH_AUTH_SUCCESS},    // present, and verified
             {0x04, SSH_AUTH_DENIED},     // verified, whatever that means then
             {0x00, SSH_AUTH_DENIED}}) {  // no-touch-required
      handler_.proved.clear();
      EXPECT_EQ(SignIn(algorithm, blob,
                       [&, flags = flags, algorithm = algorithm](const std::string& to_sign) {
                         return SecurityKeySignature(key, algorithm, flags, to_sign);
                       }),
                answer)
          << algorithm << " " << int{flags};
      EXPECT_EQ(handler_.proved.size(), answer == SSH_AUTH_SUCCESS ? 1u : 0u);
    }
    // Nor is it the plain key that it contains.
    EXPECT_EQ(
        SignIn(algorithm, blob, [&](const std::string& to_sign) { return key.Sign(to_sign); }),
        SSH_AUTH_DENIED);
  }
}

}  // namespace
}  // namespace homeport::ssh
