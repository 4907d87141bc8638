#include "coordinator/keys/key_vault.h"

#include "gtest/gtest.h"

namespace homeport {
namespace {

TEST(KeyVaultTest, OpensWhatItSealed) {
  const KeyVault vault = *KeyVault::FromHex(KeyVault::GenerateMasterKeyHex());
  const std::string sealed = vault.Seal("secret", "users/ann", "ssh");
  EXPECT_EQ(sealed.find("secret"), std::string::npos);
  EXPECT_EQ(*vault.Open(sealed, "users/ann", "ssh"), "secret");
  EXPECT_NE(vault.Seal("secret", "users/ann", "ssh"), sealed) << "the nonce must change";
}

TEST(KeyVaultTest, SwappedRowsDoNotOpen) {
  const KeyVault vault = *KeyVault::FromHex(KeyVault::GenerateMasterKeyHex());
  const std::string sealed = vault.Seal("secret", "users/ann", "ssh");
  EXPECT_TRUE(absl::IsDataLoss(vault.Open(sealed, "users/bob", "ssh").status()));
  EXPECT_TRUE(absl::IsDataLoss(vault.Open(sealed, "users/ann", "tls").status()));
  // Owner and purpose do not run into each other.
  EXPECT_TRUE(absl::IsDataLoss(vault.Open(sealed, "users/anns", "sh").status()));
}

TEST(KeyVaultTest, AnotherMasterKeyOrDamageDoesNotOpen) {
  const KeyVault vault = *KeyVault::FromHex(KeyVault::GenerateMasterKeyHex());
  const KeyVault other = *KeyVault::FromHex(KeyVault::GenerateMasterKeyHex());
  const std::string sealed = vault.Seal("secret", "users/ann", "ssh");
  EXPECT_TRUE(absl::IsDataLoss(other.Open(sealed, "users/ann", "ssh").status()));
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string damaged = sealed;
    damaged[i] ^= 1;
    EXPECT_TRUE(absl::IsDataLoss(vault.Open(damaged, "users/ann", "ssh").status())) << i;
    EXPECT_FALSE(vault.Open(sealed.substr(0, i), "users/ann", "ssh").ok()) << i;
  }
}

TEST(KeyVaultTest, RefusesMasterKeysOfAnotherForm) {
  const std::string hex = KeyVault::GenerateMasterKeyHex();
  EXPECT_TRUE(KeyVault::FromHex(hex).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(KeyVault::FromHex("").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(KeyVault::FromHex(hex.substr(2)).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(KeyVault::FromHex(hex + "00").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(KeyVault::FromHex("zz" + hex.substr(2)).status()));
}

}  // namespace
}  // namespace homeport
