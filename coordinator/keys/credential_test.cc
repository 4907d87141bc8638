#include "coordinator/keys/credential.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

constexpr CredentialKind kAllKinds[] = {CredentialKind::kUser, CredentialKind::kWorkspace,
                                        CredentialKind::kProxy};

TEST(CredentialTest, ParsesWhatItMints) {
  for (const CredentialKind kind : kAllKinds) {
    const NewCredential minted = MintCredential(kind);
    EXPECT_THAT(minted.token, ::testing::MatchesRegex("hp[tap]_[0-9a-f]{16}_[A-Za-z0-9_-]{43}"));
    const absl::StatusOr<HashedCredential> parsed = ParseCredential(minted.token);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(parsed->id, minted.hashed.id);
    EXPECT_TRUE(SameSecret(*parsed, minted.hashed));
  }
}

TEST(CredentialTest, TheSecretIsNotWhatIsStored) {
  const NewCredential minted = MintCredential(CredentialKind::kUser);
  EXPECT_EQ(minted.hashed.secret_hash.size(), 32u);
  EXPECT_EQ(minted.token.find(minted.hashed.secret_hash), std::string::npos);
}

TEST(CredentialTest, AnotherSecretOrKindIsNotTheSame) {
  const HashedCredential one = MintCredential(CredentialKind::kUser).hashed;
  HashedCredential other = MintCredential(CredentialKind::kUser).hashed;
  EXPECT_FALSE(SameSecret(one, other));
  other.secret_hash = one.secret_hash;
  EXPECT_TRUE(SameSecret(one, other));
  other.kind = CredentialKind::kProxy;
  EXPECT_FALSE(SameSecret(one, other));
  EXPECT_FALSE(SameSecret({}, {})) << "nothing is no secret";
}

TEST(CredentialTest, RefusesOtherForms) {
  const std::string good = MintCredential(CredentialKind::kUser).token;
  std::string hex = good, separator = good, base64 = good;
  hex[4] = 'G';
  separator[20] = '-';
  base64[30] = '!';
  for (const std::string& bad :
       {std::string(), std::string("hpt_"), "hpx_" + good.substr(4), good + "A",
        good.substr(0, good.size() - 1), hex, separator, base64, " " + good}) {
    EXPECT_TRUE(absl::IsUnauthenticated(ParseCredential(bad).status())) << bad.size();
  }
}

TEST(CredentialTest, AKeyAlwaysGivesTheSameOne) {
  const std::string key(32, 'k');
  const NewCredential one = DeriveCredential(CredentialKind::kSetUpCode, key);
  EXPECT_EQ(DeriveCredential(CredentialKind::kSetUpCode, key).token, one.token);
  EXPECT_NE(DeriveCredential(CredentialKind::kSetUpCode, std::string(32, 'l')).token, one.token);
  const absl::StatusOr<HashedCredential> parsed = ParseCredential(one.token);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->id, one.hashed.id);
  EXPECT_TRUE(SameSecret(*parsed, one.hashed));
}

}  // namespace
}  // namespace homeport
