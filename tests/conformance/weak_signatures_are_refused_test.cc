// What counts as a signature: nothing by SHA-1 or DSA, no RSA key under 2048 bits, and of a
// security key only what its owner has touched it for. Clients are told which signatures do.
//
// The keys are strangers', so none opens anything: a right signature is one that the front door has
// counted as verified.
#include <vector>

#include "absl/strings/str_split.h"
#include "base/ssh_wire.h"
#include "gmock/gmock.h"
#include "tests/conformance/front_door.h"
#include "tests/raw_ssh/messages.h"
#include "tests/raw_ssh/user_authentication.h"

namespace homeport::story {
namespace {

using raw_ssh::KeyRequest;
using raw_ssh::RawClient;
using raw_ssh::SigningKey;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class WeakSignaturesAreRefused : public FrontDoor {
 protected:
  // Whether the front door takes the signature for one. `said` is the algorithm of the request.
  static bool Verified(const SigningKey& key, const std::string& said, const std::string& used) {
    KeyRequest request("dev", key);
    request.algorithm = said;
    RawClient client = Connect();
    EXPECT_TRUE(client.ExchangeKeys() && client.BeginAuthentication());
    return Counted(client,
                   request.WithSignature(key.Sign(request.ToSign(client.session_id()), used)));
  }
  static bool Verified(const SigningKey& key, const std::string& algorithm) {
    return Verified(key, algorithm, algorithm);
  }
  static bool Counted(RawClient& client, const std::string& payload) {
    const int before = StrangersVerified();
    client.Send(payload);
    EXPECT_EQ(client.ReceiveNumber(), raw_ssh::kUserauthFailure);
    return StrangersVerified() == before + 1;
  }
};

TEST_F(WeakSignaturesAreRefused, AndClientsAreToldWhichAreNot) {
  RawClient client = Connect();
  ASSERT_TRUE(client.ExchangeKeys() && client.BeginAuthentication());
  ASSERT_EQ(client.server_extensions().count("server-sig-algs"), 1);
  const std::vector<std::string> algorithms =
      absl::StrSplit(client.server_extensions().at("server-sig-algs"), ',');
  for (const char* good : {"ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-256", "rsa-sha2-512",
                           "sk-ssh-ed25519@openssh.com"}) {
    EXPECT_THAT(algorithms, Contains(good));
  }
  EXPECT_THAT(algorithms, Not(Contains("ssh-rsa")));
  EXPECT_THAT(algorithms, Not(Contains("ssh-dss")));
  EXPECT_THAT(algorithms, Not(Contains(HasSubstr("cert"))));
}

TEST_F(WeakSignaturesAreRefused, WhenStrongOnesAreNot) {
  EXPECT_TRUE(Verified(SigningKey::Ed25519(), "ssh-ed25519"));
  EXPECT_TRUE(Verified(SigningKey::Ecdsa(), "ecdsa-sha2-nistp256"));
  const SigningKey rsa = SigningKey::Rsa(2048);
  EXPECT_TRUE(Verified(rsa, "rsa-sha2-256"));
  EXPECT_TRUE(Verified(rsa, "rsa-sha2-512"));
}

TEST_F(WeakSignaturesAreRefused, WhenTheyAreBySha1) {
  const SigningKey rsa = SigningKey::Rsa(2048);
  EXPECT_FALSE(Verified(rsa, "ssh-rsa"));
  EXPECT_FALSE(Verified(rsa, "rsa-sha2-512", "ssh-rsa"));
  // The request is signed too: what it says is what has to be used.
  EXPECT_FALSE(Verified(rsa, "ssh-rsa", "rsa-sha2-512"));
  EXPECT_FALSE(Verified(rsa, "rsa-sha2-256", "rsa-sha2-512"));
  EXPECT_FALSE(Verified(rsa, "rsa-sha2-512", "rsa-sha2-256"));
}

TEST_F(WeakSignaturesAreRefused, WhenTheyAreOfAnotherKindOfKey) {
  const SigningKey rsa = SigningKey::Rsa(2048);
  const SigningKey ed25519 = SigningKey::Ed25519();
  EXPECT_FALSE(Verified(rsa, "ssh-ed25519", "rsa-sha2-512"));
  EXPECT_FALSE(Verified(ed25519, "rsa-sha2-512", "ssh-ed25519"));
  EXPECT_FALSE(Verified(ed25519, "ssh-ed25519", "rsa-sha2-512"));
  EXPECT_FALSE(Verified(ed25519, "", ""));
}

TEST_F(WeakSignaturesAreRefused, WhenTheKeyIsShort) {
  for (const int bits : {1024, 2047}) {
    const SigningKey rsa = SigningKey::Rsa(bits);
    EXPECT_FALSE(Verified(rsa, "rsa-sha2-256")) << bits;
    EXPECT_FALSE(Verified(rsa, "rsa-sha2-512")) << bits;
  }
}

TEST_F(WeakSignaturesAreRefused, WhenTheyAreByDsa) {
  const std::string number = WireWriter().String(std::string(128, 'p')).bytes();
  KeyRequest request("dev", demo());
  request.algorithm = "ssh-dss";
  request.blob =
      WireWriter().String("ssh-dss").Raw(number).Raw(number).Raw(number).Raw(number).bytes();
  RawClient client = Connect();
  ASSERT_TRUE(client.ExchangeKeys() && client.BeginAuthentication());
  client.Send(request.Offer());
  EXPECT_EQ(client.ReceiveNumber(), raw_ssh::kUserauthFailure);
  EXPECT_FALSE(Counted(
      client,
      request.WithSignature(WireWriter().String("ssh-dss").String(std::string(40, 's')).bytes())));
}

TEST_F(WeakSignaturesAreRefused, WhenNobodyTouchedTheSecurityKey) {
  const SigningKey key = SigningKey::SecurityKey();
  const KeyRequest request("dev", key);
  const auto verified = [&](uint8_t flags, uint8_t flags_said) {
    RawClient client = Connect();
    EXPECT_TRUE(client.ExchangeKeys() && client.BeginAuthentication());
    std::string signature = key.SignAsSecurityKey(request.ToSign(client.session_id()), flags, 7);
    signature[signature.size() - 5] = static_cast<char>(flags_said);
    return Counted(client, request.WithSignature(signature));
  };
  constexpr uint8_t kVerifiedUser = 4;
  EXPECT_TRUE(verified(SigningKey::kUserPresent, SigningKey::kUserPresent));
  EXPECT_TRUE(
      verified(SigningKey::kUserPresent | kVerifiedUser, SigningKey::kUserPresent | kVerifiedUser));
  EXPECT_FALSE(verified(0, 0));
  EXPECT_FALSE(verified(kVerifiedUser, kVerifiedUser));
  EXPECT_FALSE(verified(0, SigningKey::kUserPresent)) << "the flag was put in afterwards";
}

}  // namespace
}  // namespace homeport::story
