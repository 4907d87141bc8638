// Key pairs of all algorithms, by the real ssh-keygen.
#include "coordinator/keys/key_pair.h"

#include <openssl/sha.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/key_fingerprint.h"
#include "base/ssh_wire.h"
#include "coordinator/keys/key_vault.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;

std::string Shell(const std::string& folder, const std::string& script) {
  FILE* pipe = popen(absl::StrCat("cd ", folder, "; { ", script, "\n} 2>&1").c_str(), "r");
  std::string output;
  char buffer[4096];
  for (size_t n = 0; (n = fread(buffer, 1, sizeof(buffer), pipe)) > 0;) output.append(buffer, n);
  EXPECT_EQ(pclose(pipe), 0) << script << "\n" << output;
  return output;
}

std::string SignatureAlgorithm(const absl::StatusOr<std::string>& signature) {
  return signature.ok() ? std::string(WireReader(*signature).String())
                        : signature.status().ToString();
}

class KeyPairTest : public ::testing::TestWithParam<KeyAlgorithm> {
 protected:
  KeyPairTest() : folder_(::testing::TempDir() + "/key_pairXXXXXX"), pair_(Pair(GetParam())) {
    EXPECT_NE(mkdtemp(folder_.data()), nullptr);
  }

  // One of each kind for all tests: RSA takes its time.
  static const KeyPair& Pair(KeyAlgorithm algorithm) {
    static auto* pairs = new std::map<KeyAlgorithm, KeyPair>();
    auto it = pairs->find(algorithm);
    if (it == pairs->end()) it = pairs->emplace(algorithm, *KeyPair::Generate(algorithm)).first;
    return it->second;
  }

  // Whether ssh-keygen takes the signature for one of `message` by the key.
  void ExpectGood(const std::string& message, uint32_t flags) {
    // OpenSSH PROTOCOL.sshsig.
    std::string hash(SHA512_DIGEST_LENGTH, '\0');
    SHA512(reinterpret_cast<const unsigned char*>(message.data()), message.size(),
           reinterpret_cast<unsigned char*>(hash.data()));
    WireWriter to_sign;
    to_sign.Raw("SSHSIG").String("file").String("").String("sha512").String(hash);
    const absl::StatusOr<std::string> signature = pair_.SignatureBlob(to_sign.bytes(), flags);
    ASSERT_TRUE(signature.ok()) << signature.status();
    WireWriter file;
    file.Raw("SSHSIG").Uint32(1).String(pair_.PublicKeyBlob()).String("file").String("");
    file.String("sha512").String(*signature);
    const std::string armor =
        absl::StrCat("-----BEGIN SSH SIGNATURE-----\n", absl::Base64Escape(file.bytes()),
                     "\n-----END SSH SIGNATURE-----\n");
    Write("sig", armor);
    Write("message", message);
    Write("allowed", absl::StrCat("me ", AuthorizedKeysLine(pair_.PublicKeyBlob(), ""), "\n"));
    EXPECT_THAT(Shell(folder_, "ssh-keygen -Y verify -f allowed -I me -n file -s sig < message"),
                HasSubstr("Good \"file\" signature for me"));
  }
  void Write(const std::string& name, const std::string& text) const {
    ASSERT_TRUE(WriteFileAtomically(absl::StrCat(folder_, "/", name), text, 0600).ok());
  }

  std::string folder_;
  const KeyPair& pair_;
};

TEST_P(KeyPairTest, SshKeygenReadsThePrivateKeyFile) {
  // Comments of all lengths, so that every amount of padding occurs.
  for (int length = 0; length < 9; ++length) {
    const std::string comment(static_cast<size_t>(length), 'c');
    Write("key", pair_.OpenSshPrivateKey(comment));
    EXPECT_EQ(Shell(folder_, "ssh-keygen -y -f key"),
              absl::StrCat(AuthorizedKeysLine(pair_.PublicKeyBlob(), comment), "\n"));
  }
  EXPECT_THAT(Shell(folder_, "ssh-keygen -lf key"),
              HasSubstr(KeyFingerprint(pair_.PublicKeyBlob())));
}

TEST_P(KeyPairTest, SshKeygenSignsWithThePrivateKeyFile) {
  Write("key", pair_.OpenSshPrivateKey("owner@example.com"));
  const std::string script = R"SH(
ssh-keygen -y -f key > key.pub; echo "me $(cut -d' ' -f1,2 key.pub)" > allowed; echo hello > file
ssh-keygen -Y sign -f key -n file file
ssh-keygen -Y verify -f allowed -I me -n file -s file.sig < file)SH";
  EXPECT_THAT(Shell(folder_, script), HasSubstr("Good \"file\" signature for me"));
}

TEST_P(KeyPairTest, SshKeygenVerifiesWhatItSigns) {
  // Many, since the numbers of an ECDSA signature differ in length.
  for (int i = 0; i < 20; ++i) ExpectGood(absl::StrCat("message ", i), i % 2 == 0 ? 0 : 2);
}

TEST_P(KeyPairTest, SecretsOpenAgainAndDamagedOnesDoNot) {
  const std::string secret = pair_.Secret();
  const absl::StatusOr<KeyPair> again = KeyPair::FromSecret(secret);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->algorithm(), GetParam());
  EXPECT_EQ(again->PublicKeyBlob(), pair_.PublicKeyBlob());
  EXPECT_EQ(again->Secret(), secret);
  EXPECT_EQ(KeyAlgorithmOf(pair_.PublicKeyBlob()), GetParam());
  for (const std::string& bad : {std::string(), secret.substr(1), secret + "x"}) {
    EXPECT_TRUE(absl::IsDataLoss(KeyPair::FromSecret(bad).status())) << bad.size();
  }
}

TEST_P(KeyPairTest, FlagsChooseBetweenTheHashesOfRsaAndNeverSha1) {
  for (const uint32_t flags : {0u, 1u, 2u, 4u, 6u, 0xfffffff8u}) {
    const std::string algorithm = SignatureAlgorithm(pair_.SignatureBlob("x", flags));
    switch (GetParam()) {
      case KeyAlgorithm::kEd25519:
        EXPECT_EQ(algorithm, "ssh-ed25519");
        break;
      case KeyAlgorithm::kEcdsaP256:
        EXPECT_EQ(algorithm, "ecdsa-sha2-nistp256");
        break;
      case KeyAlgorithm::kRsa4096:
        EXPECT_EQ(algorithm, (flags & 2) != 0 ? "rsa-sha2-256" : "rsa-sha2-512") << flags;
        break;
    }
    EXPECT_TRUE(SignsAs(pair_.PublicKeyBlob(), algorithm));
  }
}

TEST_P(KeyPairTest, FlagsOfAnAlgorithmMakeIt) {
  for (const std::string name :
       {"ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-256", "rsa-sha2-512", "ssh-rsa"}) {
    if (!SignsAs(pair_.PublicKeyBlob(), name)) continue;
    EXPECT_EQ(SignatureAlgorithm(pair_.SignatureBlob("x", SignFlags(name))), name);
  }
  EXPECT_FALSE(SignsAs(pair_.PublicKeyBlob(), "ssh-rsa")) << "that is SHA-1";
}

std::string Name(const ::testing::TestParamInfo<KeyAlgorithm>& algorithm) {
  constexpr const char* kNames[] = {"Ed25519", "EcdsaP256", "Rsa4096"};
  return kNames[static_cast<int>(algorithm.param)];
}
INSTANTIATE_TEST_SUITE_P(All, KeyPairTest,
                         ::testing::Values(KeyAlgorithm::kEd25519, KeyAlgorithm::kEcdsaP256,
                                           KeyAlgorithm::kRsa4096),
                         Name);

TEST(KeyPairsOfOldTest, ASeedThatWasSealedBeforeThereWereOtherAlgorithmsOpens) {
  const KeyVault vault = *KeyVault::FromHex(KeyVault::GenerateMasterKeyHex());
  const Ed25519KeyPair old = Ed25519KeyPair::Generate();
  const std::string sealed = vault.Seal(old.Seed(), "users/ann", "ssh private key");
  const absl::StatusOr<KeyPair> opened =
      KeyPair::FromSecret(*vault.Open(sealed, "users/ann", "ssh private key"));
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->PublicKeyBlob(), old.PublicKeyBlob());
}

TEST(KeyPairsOfOldTest, ASecretOfAnotherAlgorithmThanItSaysIsDamaged) {
  const std::string der = EcdsaKeyPair::Generate()->Secret();
  EXPECT_TRUE(
      KeyPair::FromSecret(WireWriter().String("ecdsa-sha2-nistp256").String(der).bytes()).ok());
  for (const char* name : {"ssh-rsa", "ssh-ed25519", "ecdsa-sha2-nistp384", ""}) {
    EXPECT_TRUE(absl::IsDataLoss(
        KeyPair::FromSecret(WireWriter().String(name).String(der).bytes()).status()))
        << name;
  }
}

}  // namespace
}  // namespace homeport
