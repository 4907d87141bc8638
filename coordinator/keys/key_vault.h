// Private keys at rest: XChaCha20-Poly1305 (libsodium) under the installation's master key.
//
// Every ciphertext is bound to its owner and purpose, so that a row copied over another one does
// not open.
//
// Threads: any; immutable.
#ifndef HOMEPORT_COORDINATOR_KEYS_KEY_VAULT_H_
#define HOMEPORT_COORDINATOR_KEYS_KEY_VAULT_H_

#include <array>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace homeport {

class KeyVault {
 public:
  static constexpr size_t kMasterKeyBytes = 32;

  // What a master key file holds: random bytes as hexadecimal digits.
  static std::string GenerateMasterKeyHex();
  // INVALID_ARGUMENT unless `hex` is exactly kMasterKeyBytes as hexadecimal digits.
  static absl::StatusOr<KeyVault> FromHex(absl::string_view hex);

  KeyVault(KeyVault&& other) noexcept;
  KeyVault(const KeyVault&) = delete;
  KeyVault& operator=(const KeyVault&) = delete;
  ~KeyVault();

  // `owner` is a resource name, `purpose` says what the secret is for. Nonce and ciphertext.
  std::string Seal(absl::string_view secret, absl::string_view owner,
                   absl::string_view purpose) const;
  // The secret; the caller wipes it. DATA_LOSS if these bytes were not sealed under this master key
  // for this owner and purpose.
  absl::StatusOr<std::string> Open(absl::string_view sealed, absl::string_view owner,
                                   absl::string_view purpose) const;

  // A key for something else than secrets at rest: 32 bytes that say nothing about the master key,
  // different for each purpose.
  std::string DeriveKey(absl::string_view purpose) const;

 private:
  KeyVault() = default;

  std::array<unsigned char, kMasterKeyBytes> key_ = {};
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_KEYS_KEY_VAULT_H_
