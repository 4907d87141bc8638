#include "coordinator/keys/ed25519_key_pair.h"

#include <openssl/evp.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/ssh_wire.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

// What a shell command prints; the test fails if it does.
std::string OutputOf(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  std::string output;
  char buffer[4096];
  for (size_t n = 0; (n = fread(buffer, 1, sizeof(buffer), pipe)) > 0;) output.append(buffer, n);
  EXPECT_EQ(pclose(pipe), 0) << command << "\n" << output;
  return output;
}

// Verifies with OpenSSL what libsodium signed.
bool Verifies(absl::string_view public_key, absl::string_view signature, absl::string_view data) {
  const auto* key_bytes = reinterpret_cast<const unsigned char*>(public_key.data());
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key_bytes, public_key.size()),
      EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(), reinterpret_cast<const unsigned char*>(data.data()),
                          data.size()) == 1;
}

TEST(Ed25519KeyPairTest, SshKeygenReadsThePrivateKeyFile) {
  // Comments of all lengths, so that every amount of padding occurs.
  for (int length = 0; length < 9; ++length) {
    const Ed25519KeyPair pair = Ed25519KeyPair::Generate();
    const std::string comment(static_cast<size_t>(length), 'c');
    const std::string path = absl::StrCat(::testing::TempDir(), "/key", length);
    ASSERT_TRUE(WriteFileAtomically(path, pair.OpenSshPrivateKey(comment), 0600).ok());
    EXPECT_EQ(OutputOf(absl::StrCat("ssh-keygen -y -f ", path, " 2>&1")),
              absl::StrCat(AuthorizedKeysLine(pair.PublicKeyBlob(), comment), "\n"));
  }
}

TEST(Ed25519KeyPairTest, SignatureHoldsForAnIndependentVerifier) {
  const Ed25519KeyPair pair = Ed25519KeyPair::Generate();
  const std::string data = "what is to be signed";
  const std::string key_blob = pair.PublicKeyBlob(), signature_blob = pair.SignatureBlob(data);
  WireReader key(key_blob), signature(signature_blob);
  EXPECT_EQ(key.String(), "ssh-ed25519");
  EXPECT_EQ(signature.String(), "ssh-ed25519");
  const absl::string_view public_key = key.String(), bytes = signature.String();
  EXPECT_TRUE(key.AtEnd());
  EXPECT_TRUE(signature.AtEnd());
  EXPECT_TRUE(Verifies(public_key, bytes, data));
  EXPECT_FALSE(Verifies(public_key, bytes, "something else"));
}

// RFC 8032, 7.1, test 1.
TEST(Ed25519KeyPairTest, DerivesThePublicKeyOfTheStandard) {
  const absl::StatusOr<Ed25519KeyPair> pair = Ed25519KeyPair::FromSeed(
      absl::HexStringToBytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
  ASSERT_TRUE(pair.ok());
  EXPECT_THAT(
      absl::BytesToHexString(pair->PublicKeyBlob()),
      ::testing::EndsWith("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
}

TEST(Ed25519KeyPairTest, SeedRoundTripAndBadSeed) {
  const Ed25519KeyPair pair = Ed25519KeyPair::Generate();
  const absl::StatusOr<Ed25519KeyPair> again = Ed25519KeyPair::FromSeed(pair.Seed());
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->PublicKeyBlob(), pair.PublicKeyBlob());
  EXPECT_TRUE(absl::IsInvalidArgument(Ed25519KeyPair::FromSeed("short").status()));
}

TEST(Ed25519KeyPairTest, WhatWasMovedFromIsWiped) {
  Ed25519KeyPair pair = Ed25519KeyPair::Generate();
  const Ed25519KeyPair moved = std::move(pair);
  EXPECT_EQ(pair.Seed(), std::string(Ed25519KeyPair::kSeedBytes, '\0'));  // NOLINT: on purpose
  EXPECT_NE(moved.Seed(), pair.Seed());
}

}  // namespace
}  // namespace homeport
