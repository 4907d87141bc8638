// An ECDSA or RSA private key of OpenSSL's, owned, and what key pairs ask of it.
//
// OpenSSL wipes the numbers of a private key when it frees them.
//
// Threads: any; immutable.
#ifndef HOMEPORT_COORDINATOR_KEYS_OPENSSL_KEY_H_
#define HOMEPORT_COORDINATOR_KEYS_OPENSSL_KEY_H_

#include <openssl/evp.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace homeport {

class OpensslKey {
 public:
  // Takes what EVP_EC_gen or EVP_RSA_gen made; INTERNAL for null.
  static absl::StatusOr<OpensslKey> Take(EVP_PKEY* key);
  // What Der() gave for a key of this type (EVP_PKEY_EC, EVP_PKEY_RSA). DATA_LOSS if it is none.
  static absl::StatusOr<OpensslKey> FromDer(int type, absl::string_view der);

  // The secret in its usual form: RFC 5915 for ECDSA, RFC 8017, A.1.2 for RSA. The caller wipes it.
  std::string Der() const;
  // A number of the key, as an `mpint` (RFC 4251, 5) without its length; `name` is OpenSSL's
  // (openssl/core_names.h). The caller wipes what is secret. Empty if there is no such number.
  std::string Number(const char* name) const;
  // What the key has under `name` as bytes; empty if there is nothing.
  std::string Octets(const char* name) const;
  int bits() const { return EVP_PKEY_get_bits(key_.get()); }
  // OpenSSL's signature over the hash of `data`.
  absl::StatusOr<std::string> Sign(const EVP_MD* hash, absl::string_view data) const;

 private:
  explicit OpensslKey(EVP_PKEY* key) : key_(key, EVP_PKEY_free) {}

  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_KEYS_OPENSSL_KEY_H_
