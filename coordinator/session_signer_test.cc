// What a proxy gets signed with the keys of each algorithm. The rules of who gets a signature are
// in coordinator_test.cc.
#include "coordinator/session_signer.h"

#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "base/ssh_wire.h"
#include "coordinator/keys/key_pair.h"
#include "coordinator/store/open_store.h"
#include "coordinator/user_keys.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

// A stream without a call: what is written waits.
class NoCall : public ServerStream<v1::ConnectAgentRequest, v1::ConnectAgentResponse> {
 public:
  void OnMessage(v1::ConnectAgentRequest) override {}
  void OnClosed() override {}
  std::shared_ptr<AgentWriter> agent_writer() const { return writer(); }
};

class SessionSignerTest : public ::testing::Test {
 protected:
  SessionSignerTest() {
    std::string folder = ::testing::TempDir() + "/session_signerXXXXXX";
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    store_ = *OpenStore("sqlite:" + folder + "/homeport.db");
    signer_ = std::make_unique<SessionSigner>(*store_, vault_, replicas_, sessions_);
    ConnectedAgent agent;
    agent.epoch = 1;
    agent.writer = stream_.agent_writer();
    v1::Backend& backend = *agent.hello.mutable_status()->add_backends();
    backend.set_kind(v1::BACKEND_KIND_EMBEDDED);
    backend.add_host_keys("host key");
    EXPECT_TRUE(agents_.Register(7, agent, {}));
  }

  // A user with the key, and a session of theirs that is being opened.
  void OpenSession(const std::string& user, const KeyPair& pair) {
    NewUser fresh;
    fresh.name = user;
    fresh.email = user + "@example.com";
    fresh.key = SealKeyPair(vault_, pair, UserKeyOwner(user));
    fresh.token = MintCredential(CredentialKind::kUser).hashed;
    const absl::StatusOr<UserRecord> record =
        store_->CreateUser(fresh, {0, absl::Now(), "", "user.create", "", "", "{}"});
    ASSERT_TRUE(record.ok()) << record.status();
    Session session;
    session.id = user;
    session.replica = "r1";
    session.user_id = record->id;
    session.user = user;
    session.workspace_id = 7;
    session.os_user = "coder";
    session.public_key = pair.PublicKeyBlob();
    session.expire_time = absl::InfiniteFuture();
    ASSERT_TRUE(sessions_.Add(session, absl::Now()).ok());
  }
  // What the coordinator signs with for a request that names the algorithm.
  absl::StatusOr<std::string> SignedWith(const std::string& user, const KeyPair& pair,
                                         const std::string& algorithm) {
    v1::SignRequest request;
    request.set_session_id(user);
    request.set_backend(v1::BACKEND_KIND_EMBEDDED);
    request.set_host_key("host key");
    WireWriter data;
    data.String(std::string(32, 'i')).Byte(50).String("coder").String("ssh-connection");
    data.String("publickey").Bool(true).String(algorithm).String(pair.PublicKeyBlob());
    request.set_data(data.bytes());
    const absl::StatusOr<std::string> signature = signer_->Sign(request);
    if (!signature.ok()) return signature.status();
    return std::string(WireReader(*signature).String());
  }

  const KeyVault vault_ = *KeyVault::FromHex(KeyVault::GenerateMasterKeyHex());
  std::unique_ptr<SqlStore> store_;
  NoCall stream_;
  AgentRegistry agents_;
  SessionRegistry sessions_{100};
  ProxyRegistry proxies_;
  Replicas replicas_{"here", {agents_, proxies_, sessions_}};
  std::unique_ptr<SessionSigner> signer_;
};

TEST_F(SessionSignerTest, TheRequestNamesTheAlgorithmThatTheKeyHas) {
  const KeyPair ed25519 = *KeyPair::Generate(KeyAlgorithm::kEd25519);
  const KeyPair ecdsa = *KeyPair::Generate(KeyAlgorithm::kEcdsaP256);
  const KeyPair rsa = *KeyPair::Generate(KeyAlgorithm::kRsa4096);
  OpenSession("ed", ed25519);
  OpenSession("ec", ecdsa);
  OpenSession("rs", rsa);
  EXPECT_EQ(*SignedWith("ed", ed25519, "ssh-ed25519"), "ssh-ed25519");
  EXPECT_EQ(*SignedWith("ec", ecdsa, "ecdsa-sha2-nistp256"), "ecdsa-sha2-nistp256");
  EXPECT_EQ(*SignedWith("rs", rsa, "rsa-sha2-256"), "rsa-sha2-256");
  EXPECT_EQ(*SignedWith("rs", rsa, "rsa-sha2-512"), "rsa-sha2-512");
  for (const char* other : {"ssh-rsa", "ssh-ed25519", "ecdsa-sha2-nistp256", ""}) {
    EXPECT_TRUE(absl::IsInvalidArgument(SignedWith("rs", rsa, other).status())) << other;
  }
  EXPECT_TRUE(absl::IsInvalidArgument(SignedWith("ed", ed25519, "rsa-sha2-512").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(SignedWith("ec", ecdsa, "ssh-ed25519").status()));
}

}  // namespace
}  // namespace homeport
