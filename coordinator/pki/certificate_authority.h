// The installation's own certificate authority, for those who bring no certificates: one CA that
// clients pin, one certificate for the coordinator.
//
// Keys are ECDSA on P-256, files are PEM.
//
// Threads: any; nothing is shared.
#ifndef HOMEPORT_COORDINATOR_PKI_CERTIFICATE_AUTHORITY_H_
#define HOMEPORT_COORDINATOR_PKI_CERTIFICATE_AUTHORITY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "coordinator/pki/x509.h"

namespace homeport {

inline constexpr absl::Duration kCaLifetime = absl::Hours(24 * 3650);
// Apple's and others' limit for certificates of private CAs.
inline constexpr absl::Duration kServingLifetime = absl::Hours(24 * 825);

class CertificateAuthority {
 public:
  // A new self-signed certificate for the key.
  static absl::StatusOr<CertificateAuthority> Make(PrivateKey key);
  // INVALID_ARGUMENT if the two do not belong together.
  static absl::StatusOr<CertificateAuthority> FromParts(PrivateKey key, Certificate certificate);

  const Certificate& certificate() const { return certificate_; }

  // A certificate for a server that answers under `names`: DNS names and IP addresses.
  absl::StatusOr<Certificate> IssueForServer(const PrivateKey& server_key,
                                             const std::vector<std::string>& names) const;

 private:
  CertificateAuthority(PrivateKey key, Certificate certificate)
      : key_(std::move(key)), certificate_(std::move(certificate)) {}

  PrivateKey key_;
  Certificate certificate_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_PKI_CERTIFICATE_AUTHORITY_H_
