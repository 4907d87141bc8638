#include "coordinator/keys/key_vault.h"

#include <sodium.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/ssh_wire.h"
#include "coordinator/keys/secret.h"

namespace homeport {
namespace {

constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(KeyVault::kMasterKeyBytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// Length-prefixed, so that no two pairs of owner and purpose read the same.
std::string AssociatedData(absl::string_view owner, absl::string_view purpose) {
  return WireWriter().String("homeport key vault 1").String(owner).String(purpose).bytes();
}

}  // namespace

std::string KeyVault::GenerateMasterKeyHex() {
  std::string key(kMasterKeyBytes, '\0');
  randombytes_buf(key.data(), key.size());
  std::string hex = absl::BytesToHexString(key);
  WipeSecret(key);
  return hex;
}

absl::StatusOr<KeyVault> KeyVault::FromHex(absl::string_view hex) {
  const bool digits = std::all_of(hex.begin(), hex.end(), [](char c) {
    return absl::ascii_isxdigit(static_cast<unsigned char>(c));
  });
  if (hex.size() != 2 * kMasterKeyBytes || !digits) {
    return absl::InvalidArgumentError(
        absl::StrCat("a master key is ", 2 * kMasterKeyBytes, " hexadecimal digits"));
  }
  std::string key = absl::HexStringToBytes(hex);
  KeyVault vault;
  std::copy(key.begin(), key.end(), vault.key_.begin());
  WipeSecret(key);
  return vault;
}

KeyVault::KeyVault(KeyVault&& other) noexcept : key_(other.key_) {
  sodium_memzero(other.key_.data(), other.key_.size());
}

KeyVault::~KeyVault() { sodium_memzero(key_.data(), key_.size()); }

std::string KeyVault::Seal(absl::string_view secret, absl::string_view owner,
                           absl::string_view purpose) const {
  const std::string associated = AssociatedData(owner, purpose);
  std::string sealed(kNonceBytes + secret.size() + kTagBytes, '\0');
  randombytes_buf(sealed.data(), kNonceBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      Bytes(sealed) + kNonceBytes, nullptr, Bytes(secret), secret.size(),
      Bytes(absl::string_view(associated)), associated.size(), nullptr, Bytes(sealed), key_.data());
  return sealed;
}

absl::StatusOr<std::string> KeyVault::Open(absl::string_view sealed, absl::string_view owner,
                                           absl::string_view purpose) const {
  const absl::Status refused = absl::DataLossError(absl::StrCat(
      "the ", purpose, " of ", owner, " does not open: another master key, or a damaged record"));
  if (sealed.size() < kNonceBytes + kTagBytes) return refused;
  const std::string associated = AssociatedData(owner, purpose);
  const absl::string_view ciphertext = sealed.substr(kNonceBytes);
  std::string secret(ciphertext.size() - kTagBytes, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          Bytes(secret), nullptr, nullptr, Bytes(ciphertext), ciphertext.size(),
          Bytes(absl::string_view(associated)), associated.size(), Bytes(sealed),
          key_.data()) != 0) {
    return refused;
  }
  return secret;
}

std::string KeyVault::DeriveKey(absl::string_view purpose) const {
  std::string key(crypto_generichash_BYTES, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(key.data()), key.size(),
                     reinterpret_cast<const unsigned char*>(purpose.data()), purpose.size(),
                     key_.data(), key_.size());
  return key;
}

}  // namespace homeport
