// An RSA key pair of 4096 bits and its SSH shapes (RFC 4253, 6.6; RFC 8332). It signs with SHA-2
// alone, never with SHA-1.
//
// The secret half never leaves the object except through Secret() and OpenSshPrivateKey(), and is
// wiped with it.
//
// Threads: any; immutable.
#ifndef HOMEPORT_COORDINATOR_KEYS_RSA_KEY_PAIR_H_
#define HOMEPORT_COORDINATOR_KEYS_RSA_KEY_PAIR_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/keys/openssl_key.h"

namespace homeport {

inline constexpr char kRsaAlgorithm[] = "ssh-rsa";  // of the key; signatures have the two below
inline constexpr char kRsaSha256Algorithm[] = "rsa-sha2-256";
inline constexpr char kRsaSha512Algorithm[] = "rsa-sha2-512";

class RsaKeyPair {
 public:
  enum class Hash { kSha256, kSha512 };
  static constexpr int kBits = 4096;

  // Slow: seconds of CPU, sometimes many. Not on a thread that others wait for.
  static absl::StatusOr<RsaKeyPair> Generate();
  // DATA_LOSS if it is not what Secret() gave.
  static absl::StatusOr<RsaKeyPair> FromSecret(absl::string_view secret);

  // The caller wipes it.
  std::string Secret() const { return key_.Der(); }
  // `string "ssh-rsa", mpint e, mpint n` (RFC 4253, 6.6).
  std::string PublicKeyBlob() const;
  // `string "rsa-sha2-256" or "rsa-sha2-512", string signature` (RFC 8332, 3). Milliseconds of CPU.
  absl::StatusOr<std::string> SignatureBlob(absl::string_view data, Hash hash) const;
  // The file that ssh-keygen would write (OpenSSH PROTOCOL.key), unencrypted. The caller wipes it.
  std::string OpenSshPrivateKey(absl::string_view comment) const;

 private:
  explicit RsaKeyPair(OpensslKey key) : key_(std::move(key)) {}

  OpensslKey key_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_KEYS_RSA_KEY_PAIR_H_
