// An Ed25519 key pair (RFC 8032) and its SSH shapes (RFC 8709).
//
// The secret half never leaves the object except through Seed() and OpenSshPrivateKey(), and is
// wiped with it.
//
// Threads: any; immutable.
#ifndef HOMEPORT_COORDINATOR_KEYS_ED25519_KEY_PAIR_H_
#define HOMEPORT_COORDINATOR_KEYS_ED25519_KEY_PAIR_H_

#include <array>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/keys/secret.h"

namespace homeport {

inline constexpr char kEd25519Algorithm[] = "ssh-ed25519";

class Ed25519KeyPair {
 public:
  static constexpr size_t kSeedBytes = 32;
  static constexpr size_t kPublicKeyBytes = 32;

  static Ed25519KeyPair Generate();
  // INVALID_ARGUMENT if `seed` is not kSeedBytes long.
  static absl::StatusOr<Ed25519KeyPair> FromSeed(absl::string_view seed);

  Ed25519KeyPair(Ed25519KeyPair&& other) noexcept;
  Ed25519KeyPair& operator=(Ed25519KeyPair&& other) noexcept;
  ~Ed25519KeyPair();

  // What FromSeed takes: the secret. A view into this object.
  absl::string_view Seed() const;
  // `string "ssh-ed25519", string key` (RFC 8709, 4).
  std::string PublicKeyBlob() const;
  // `string "ssh-ed25519", string signature` (RFC 8709, 6).
  std::string SignatureBlob(absl::string_view data) const;
  // The file that ssh-keygen would write (OpenSSH PROTOCOL.key), unencrypted. The caller wipes it.
  std::string OpenSshPrivateKey(absl::string_view comment) const;

 private:
  Ed25519KeyPair() = default;

  absl::string_view PublicKey() const;

  // libsodium's form: the seed, then the public key.
  std::array<unsigned char, kSeedBytes + kPublicKeyBytes> secret_ = {};
};

// One line of authorized_keys, without a newline: `algorithm base64 comment`. The comment may be
// empty.
std::string AuthorizedKeysLine(absl::string_view public_key_blob, absl::string_view comment);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_KEYS_ED25519_KEY_PAIR_H_
