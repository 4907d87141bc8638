// The arithmetic of curve25519-sha256 (RFC 8731) and of the keys that follow from it (RFC 4253,
// 7.2).
//
// Threads: any.
#ifndef HOMEPORT_TESTS_RAW_SSH_SESSION_KEYS_H_
#define HOMEPORT_TESTS_RAW_SSH_SESSION_KEYS_H_

#include <openssl/evp.h>

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace homeport::raw_ssh {

// What protects packets in one direction.
struct DirectionKeys {
  std::string iv;
  std::string key;
  std::string mac_key;
};

// One side's half of the exchange.
class KeyHalf {
 public:
  KeyHalf() : key_(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"), &EVP_PKEY_free) {}

  std::string public_value() const;
  // The shared secret as an mpint (RFC 4251, 5). Empty if the peer's value is none.
  std::string SharedSecret(absl::string_view peer_public_value) const;

 private:
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

// What both sides say until they have a secret.
struct ExchangeTranscript {
  std::string client_identification;
  std::string server_identification;
  std::string client_kexinit;
  std::string server_kexinit;
  std::string host_key;
  std::string client_value;
  std::string server_value;
  std::string shared_secret;  // an mpint, encoded

  // H of RFC 5656, 4.
  std::string Hash() const;
};

std::string Sha256(absl::string_view bytes);
// An unsigned big-endian number as an mpint, encoded.
std::string EncodeMpint(absl::string_view big_endian);
// The keys of one direction; `letter` is 'A' for those of the client's packets, 'B' for the
// server's.
DirectionKeys DeriveKeys(absl::string_view shared_secret, absl::string_view exchange_hash,
                         absl::string_view session_id, char letter);
// Whether the ssh-ed25519 host key signed the exchange hash.
bool VerifyEd25519(absl::string_view host_key, absl::string_view signature,
                   absl::string_view signed_bytes);

}  // namespace homeport::raw_ssh

#endif  // HOMEPORT_TESTS_RAW_SSH_SESSION_KEYS_H_
