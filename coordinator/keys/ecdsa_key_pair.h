// An ECDSA key pair on the curve P-256 and its SSH shapes (RFC 5656).
//
// The secret half never leaves the object except through Secret() and OpenSshPrivateKey(), and is
// wiped with it.
//
// Threads: any; immutable.
#ifndef HOMEPORT_COORDINATOR_KEYS_ECDSA_KEY_PAIR_H_
#define HOMEPORT_COORDINATOR_KEYS_ECDSA_KEY_PAIR_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/keys/openssl_key.h"

namespace homeport {

inline constexpr char kEcdsaP256Algorithm[] = "ecdsa-sha2-nistp256";

class EcdsaKeyPair {
 public:
  static absl::StatusOr<EcdsaKeyPair> Generate();
  // DATA_LOSS if it is not what Secret() gave.
  static absl::StatusOr<EcdsaKeyPair> FromSecret(absl::string_view secret);

  // The caller wipes it.
  std::string Secret() const { return key_.Der(); }
  // `string "ecdsa-sha2-nistp256", string "nistp256", string Q` (RFC 5656, 3.1).
  std::string PublicKeyBlob() const;
  // `string "ecdsa-sha2-nistp256", string (mpint r, mpint s)` (RFC 5656, 3.1.2).
  absl::StatusOr<std::string> SignatureBlob(absl::string_view data) const;
  // The file that ssh-keygen would write (OpenSSH PROTOCOL.key), unencrypted. The caller wipes it.
  std::string OpenSshPrivateKey(absl::string_view comment) const;

 private:
  explicit EcdsaKeyPair(OpensslKey key) : key_(std::move(key)) {}

  // The public point, uncompressed.
  std::string Point() const;

  OpensslKey key_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_KEYS_ECDSA_KEY_PAIR_H_
