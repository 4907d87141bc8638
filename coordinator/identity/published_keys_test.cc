#include "coordinator/identity/published_keys.h"

#include <openssl/hmac.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "coordinator/identity/test_tokens.h"
#include "coordinator/identity/web_token.h"
#include "gmock/gmock.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;

const PodIdentity kPod{"team-a", "ws-dev", "dev-0", "0b7e-uid"};
const absl::Time kNow = absl::FromUnixSeconds(1800000000);

class PublishedKeysTest : public testing::Test {
 protected:
  PublishedKeysTest()
      : verifier_([this] { return Read(keys_, key_reads_); },
                  [this] { return Read(issuer_, issuer_reads_); }, "homeport") {
    Publish({&rsa_, &p256_});
  }

  void Publish(const std::vector<const SigningKey*>& keys) { keys_ = KeySetJson(keys); }
  absl::StatusOr<std::string> Read(const std::string& what, int& count) const {
    ++count;
    if (away_) return absl::UnavailableError("away");
    return what;
  }
  nlohmann::json Payload() const { return TokenPayload(kPod, kNow); }
  absl::Status Verify(const std::string& token, absl::Time now = kNow) {
    return verifier_.Verify(token, now).status();
  }
  // Refused, for that reason.
  void ExpectRefused(const std::string& token, const std::string& why, absl::Time now = kNow) {
    const absl::Status status = Verify(token, now);
    EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
    EXPECT_THAT(status.message(), HasSubstr(why));
  }
  void ExpectPayloadRefused(const nlohmann::json& payload, const std::string& why) {
    ExpectRefused(MakeToken(rsa_, payload), why);
    ExpectRefused(MakeToken(p256_, payload), why);
  }

  const SigningKey rsa_{"rsa"};
  const SigningKey p256_{"p256", SigningKey::Kind::kP256};
  std::string keys_;
  std::string issuer_ = kTestIssuer;
  bool away_ = false;
  mutable int key_reads_ = 0;
  mutable int issuer_reads_ = 0;
  PublishedKeys verifier_;
};

TEST_F(PublishedKeysTest, AGoodTokenSaysWhichPodItIs) {
  for (const SigningKey* key : {&rsa_, &p256_}) {
    const absl::StatusOr<TokenClaims> claims = verifier_.Verify(MakeToken(*key, Payload()), kNow);
    ASSERT_TRUE(claims.ok()) << claims.status();
    EXPECT_TRUE(claims->pod == kPod);
    EXPECT_EQ(claims->expire_time, kNow + absl::Hours(1));
  }
  EXPECT_EQ(key_reads_, 1);
  nlohmann::json one_audience = Payload();
  one_audience["aud"] = "homeport";
  EXPECT_TRUE(Verify(MakeToken(rsa_, one_audience)).ok());
  nlohmann::json typed = TokenHeader(rsa_);
  typed["typ"] = "JWT";
  EXPECT_TRUE(Verify(MakeToken(rsa_, typed, Payload())).ok());
}

TEST_F(PublishedKeysTest, WhomItIsForByAndWhenCounts) {
  nlohmann::json payload = Payload();
  payload["aud"] = nlohmann::json::array({"https://kubernetes.default.svc", "homeport-2"});
  ExpectPayloadRefused(payload, "another audience");
  payload["aud"] = nlohmann::json::array();
  ExpectPayloadRefused(payload, "another audience");
  payload.erase("aud");
  ExpectPayloadRefused(payload, "another audience");

  payload = Payload();
  payload["iss"] = absl::StrCat(kTestIssuer, "/");
  ExpectPayloadRefused(payload, "another issuer");

  const std::string token = MakeToken(rsa_, Payload());
  const absl::Time end = kNow + absl::Hours(1);
  EXPECT_TRUE(Verify(token, end + kClockLeeway - absl::Milliseconds(1)).ok());
  ExpectRefused(token, "expired", end + kClockLeeway);
  EXPECT_TRUE(Verify(token, kNow - kClockLeeway).ok());
  ExpectRefused(token, "not good yet", kNow - kClockLeeway - absl::Seconds(1));
  payload = Payload();
  payload["iat"] = absl::ToUnixSeconds(kNow) + 60;
  ExpectPayloadRefused(payload, "not good yet");
  for (const nlohmann::json& odd :
       {nlohmann::json("soon"), nlohmann::json(-1), nlohmann::json(1e300), nlohmann::json()}) {
    payload = Payload();
    payload["exp"] = odd;
    ExpectPayloadRefused(payload, "until when");
  }
}

TEST_F(PublishedKeysTest, OnlyAPodsTokenCounts) {
  nlohmann::json payload = Payload();
  payload["kubernetes.io"].erase("pod");
  ExpectPayloadRefused(payload, "bound to no pod");
  payload.erase("kubernetes.io");
  ExpectPayloadRefused(payload, "no service account");
  payload = Payload();
  payload["sub"] = "system:serviceaccount:team-a:ws-other";
  ExpectPayloadRefused(payload, "two different subjects");
  // Nothing of it may lead a path elsewhere.
  for (const char* name : {"..", ".", "a/b", "a%2fb", "A", "", "-a", "a..b"}) {
    payload = Payload();
    payload["kubernetes.io"]["pod"]["name"] = name;
    ExpectPayloadRefused(payload, "bound to no pod");
  }
  payload = Payload();
  payload["kubernetes.io"]["namespace"] = "team-a/pods/x";
  ExpectPayloadRefused(payload, "no service account");
}

TEST_F(PublishedKeysTest, TheKeySaysByWhichAlgorithm) {
  nlohmann::json header = TokenHeader(rsa_);
  header["alg"] = "none";
  const std::string unsigned_token =
      absl::StrCat(Base64Url(header.dump()), ".", Base64Url(Payload().dump()), ".");
  ExpectRefused(unsigned_token, "does not publish");
  ExpectRefused(unsigned_token + "AAAA", "does not publish");

  // The public key as an HMAC's secret.
  header["alg"] = "HS256";
  const std::string text = absl::StrCat(Base64Url(header.dump()), ".", Base64Url(Payload().dump()));
  const std::string secret = rsa_.PublicPem();
  std::string mac(32, '\0');
  unsigned size = 32;
  ASSERT_NE(HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
                 reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                 reinterpret_cast<unsigned char*>(mac.data()), &size),
            nullptr);
  ExpectRefused(absl::StrCat(text, ".", Base64Url(mac)), "does not publish");

  // Another algorithm than the key's, another key's signature, no such key.
  header["alg"] = "ES256";
  ExpectRefused(MakeToken(rsa_, header, Payload()), "does not publish");
  header = TokenHeader(rsa_);
  ExpectRefused(MakeToken(SigningKey("rsa"), header, Payload()), "signature is wrong");
  ExpectRefused(MakeToken(SigningKey("p256", SigningKey::Kind::kP256), Payload()),
                "signature is wrong");
  ExpectRefused(MakeToken(SigningKey("unknown"), Payload()), "does not publish");
  header.erase("kid");
  ExpectRefused(MakeToken(rsa_, header, Payload()), "names no key");
  header = TokenHeader(rsa_);
  header["crit"] = nlohmann::json::array({"b64"});
  ExpectRefused(MakeToken(rsa_, header, Payload()), "demands");
}

TEST_F(PublishedKeysTest, EveryByteCounts) {
  const std::string token = MakeToken(p256_, Payload());
  ASSERT_TRUE(Verify(token).ok());
  // The last character of a part may have bits that belong to nothing.
  for (size_t i = 0; i + 1 < token.size(); ++i) {
    if (token[i + 1] == '.') continue;
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(Verify(changed).ok()) << "byte " << i;
  }
  for (size_t length = 0; length < token.size(); length += 7) {
    EXPECT_FALSE(Verify(token.substr(0, length)).ok()) << length;
  }
  for (const char* more : {"A", ".", "=", " ", ".AAAA"}) EXPECT_FALSE(Verify(token + more).ok());
  nlohmann::json huge = Payload();
  huge["padding"] = std::string(8 << 10, 'x');
  ExpectRefused(MakeToken(rsa_, huge), "too long");
}

TEST_F(PublishedKeysTest, WeakOrForeignKeysAreNotUsed) {
  const SigningKey weak("weak", SigningKey::Kind::kRsa, 1024);
  Publish({&weak, &rsa_});
  ExpectRefused(MakeToken(weak, Payload()), "does not publish");
  EXPECT_TRUE(Verify(MakeToken(rsa_, Payload())).ok());
  const auto size_with = [this](const char* field, const nlohmann::json& value) {
    nlohmann::json key = p256_.Jwk();
    key[field] = value;
    return KeySet::Parse(nlohmann::json{{"keys", {key, rsa_.Jwk()}}}.dump())->size();
  };
  EXPECT_EQ(size_with("kid", "p256"), 2u);
  EXPECT_EQ(size_with("use", "enc"), 1u);
  EXPECT_EQ(size_with("alg", "RS256"), 1u);
  EXPECT_EQ(size_with("kty", "oct"), 1u);
  EXPECT_EQ(size_with("crv", "P-384"), 1u);
  EXPECT_EQ(size_with("y", p256_.Jwk()["x"]), 1u) << "a point that is not on the curve";
  EXPECT_EQ(size_with("x", 7), 1u);
  for (const char* wrong : {"", "{}", "[]", "{\"keys\":{}}", "{\"keys\":[]"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(KeySet::Parse(wrong).status())) << wrong;
  }
}

TEST_F(PublishedKeysTest, ARotatedKeyIsFoundAndMadeUpNamesMakeNoTraffic) {
  ASSERT_TRUE(Verify(MakeToken(rsa_, Payload())).ok());
  const SigningKey next("next");
  Publish({&rsa_, &next});
  const std::string token = MakeToken(next, Payload());
  const absl::Time later = kNow + PublishedKeys::kShortestUse;
  ExpectRefused(token, "does not publish", later - absl::Seconds(1));
  EXPECT_EQ(key_reads_, 1);
  EXPECT_TRUE(Verify(token, later).ok());
  EXPECT_EQ(key_reads_, 2);
  for (int i = 0; i < 20; ++i) {
    ExpectRefused(MakeToken(SigningKey("p256", SigningKey::Kind::kP256),
                            {{"alg", "ES256"}, {"kid", absl::StrCat("made-up-", i)}}, Payload()),
                  "does not publish", later + absl::Seconds(i));
  }
  EXPECT_EQ(key_reads_, 2);
}

TEST_F(PublishedKeysTest, AKeyThatIsNoLongerPublishedIsForgotten) {
  const std::string token = MakeToken(rsa_, Payload());
  ASSERT_TRUE(Verify(token).ok());
  Publish({&p256_});
  EXPECT_TRUE(Verify(token, kNow + PublishedKeys::kLongestUse - absl::Seconds(1)).ok());
  ExpectRefused(token, "does not publish", kNow + PublishedKeys::kLongestUse);
}

TEST_F(PublishedKeysTest, WhatIsKnownStaysGoodWhileNobodyAnswers) {
  away_ = true;
  const std::string token = MakeToken(rsa_, Payload());
  EXPECT_TRUE(absl::IsUnavailable(Verify(token)));
  EXPECT_TRUE(absl::IsUnavailable(Verify(token, kNow + absl::Milliseconds(100))));
  EXPECT_EQ(issuer_reads_, 1) << "not each token asks";
  away_ = false;
  EXPECT_TRUE(Verify(token, kNow + PublishedKeys::kRetry).ok());
  away_ = true;
  EXPECT_TRUE(Verify(token, kNow + PublishedKeys::kLongestUse + absl::Minutes(1)).ok());
  keys_ = "<html>";
  away_ = false;
  EXPECT_TRUE(Verify(token, kNow + PublishedKeys::kLongestUse + absl::Minutes(3)).ok());
}

}  // namespace
}  // namespace homeport
