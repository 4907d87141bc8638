// A key pair of any algorithm that Homeport assigns, and its SSH shapes.
//
// The secret half never leaves the object except through Secret() and OpenSshPrivateKey(), and is
// wiped with it.
//
// Threads: any; immutable.
#ifndef HOMEPORT_COORDINATOR_KEYS_KEY_PAIR_H_
#define HOMEPORT_COORDINATOR_KEYS_KEY_PAIR_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/keys/ecdsa_key_pair.h"
#include "coordinator/keys/ed25519_key_pair.h"
#include "coordinator/keys/rsa_key_pair.h"

namespace homeport {

enum class KeyAlgorithm { kEd25519, kEcdsaP256, kRsa4096 };

// Flags of a signature, as an ssh-agent's client sends them (draft-ietf-sshm-ssh-agent, 3.6.1).
inline constexpr uint32_t kSignRsaSha256 = 2;
inline constexpr uint32_t kSignRsaSha512 = 4;

class KeyPair {
 public:
  // kRsa4096 is slow: seconds of CPU, sometimes many. Not on a thread that others wait for.
  static absl::StatusOr<KeyPair> Generate(KeyAlgorithm algorithm);
  // What Secret() gave. DATA_LOSS if it is none.
  static absl::StatusOr<KeyPair> FromSecret(absl::string_view secret);

  // Each is a key pair.
  KeyPair(Ed25519KeyPair pair) : pair_(std::move(pair)) {}  // NOLINT(google-explicit-constructor)
  KeyPair(EcdsaKeyPair pair) : pair_(std::move(pair)) {}    // NOLINT(google-explicit-constructor)
  KeyPair(RsaKeyPair pair) : pair_(std::move(pair)) {}      // NOLINT(google-explicit-constructor)

  KeyAlgorithm algorithm() const { return static_cast<KeyAlgorithm>(pair_.index()); }
  // For the KeyVault. Of Ed25519 it is the seed of 32 bytes; others begin with their algorithm's
  // name. The caller wipes it.
  std::string Secret() const;
  // As ssh-keygen writes it to a .pub file, before base64 (RFC 4253, 6.6).
  std::string PublicKeyBlob() const;
  // `string algorithm, string signature` (RFC 4253, 6.6). An RSA key signs with rsa-sha2-512 unless
  // the flags have kSignRsaSha256; never with SHA-1. To other keys flags mean nothing.
  absl::StatusOr<std::string> SignatureBlob(absl::string_view data, uint32_t flags = 0) const;
  // The file that ssh-keygen would write (OpenSSH PROTOCOL.key), unencrypted. The caller wipes it.
  std::string OpenSshPrivateKey(absl::string_view comment) const;

 private:
  // In the order of KeyAlgorithm.
  std::variant<Ed25519KeyPair, EcdsaKeyPair, RsaKeyPair> pair_;
};

// The algorithm of an assigned key by its public half; nothing for a blob of another kind.
std::optional<KeyAlgorithm> KeyAlgorithmOf(absl::string_view public_key_blob);

// Whether an assigned key makes signatures of that algorithm: an RSA key those with SHA-2
// (RFC 8332), others those that are called as they are.
bool SignsAs(absl::string_view public_key_blob, absl::string_view signature_algorithm);

// The flags that make an RSA key sign so; 0 for other algorithms.
uint32_t SignFlags(absl::string_view signature_algorithm);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_KEYS_KEY_PAIR_H_
