// OpenSSL's keys and certificates, owned, and what we ask of them.
//
// Threads: each object one at a time.
#ifndef HOMEPORT_COORDINATOR_PKI_X509_H_
#define HOMEPORT_COORDINATOR_PKI_X509_H_

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace homeport {

// A failed call of OpenSSL's, with its reason.
absl::Status OpenSslError(absl::string_view what);

class PrivateKey {
 public:
  // On P-256.
  static absl::StatusOr<PrivateKey> Generate();
  // INVALID_ARGUMENT if `pem` holds no unencrypted private key.
  static absl::StatusOr<PrivateKey> FromPem(absl::string_view pem);

  EVP_PKEY* get() const { return key_.get(); }
  // PKCS #8.
  absl::StatusOr<std::string> ToPem() const;

 private:
  explicit PrivateKey(EVP_PKEY* key) : key_(key, EVP_PKEY_free) {}
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

class Certificate {
 public:
  // The first certificate in `pem`. INVALID_ARGUMENT if there is none.
  static absl::StatusOr<Certificate> FromPem(absl::string_view pem);
  // Takes `certificate` over.
  explicit Certificate(X509* certificate) : certificate_(certificate, X509_free) {}

  X509* get() const { return certificate_.get(); }
  absl::StatusOr<std::string> ToPem() const;

  absl::Time expire_time() const;
  // Whether the key is this certificate's.
  bool Fits(const PrivateKey& key) const;
  // Whether this certificate's key signed the other one.
  bool Signed(const Certificate& other) const;
  // Whether it is good for every one of the DNS names and IP addresses.
  bool Covers(const std::vector<std::string>& names) const;

 private:
  std::unique_ptr<X509, decltype(&X509_free)> certificate_;
};

// Whether it is an IP address in text, of either family.
bool IsIpAddress(const std::string& name);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_PKI_X509_H_
