// What the coordinator shows in its TLS handshakes: from the state folder's own CA, or the
// operator's files.
//
// Threads: main, at start.
#ifndef HOMEPORT_COORDINATOR_PKI_SERVING_CERTIFICATE_H_
#define HOMEPORT_COORDINATOR_PKI_SERVING_CERTIFICATE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace homeport {

struct ServingCertificate {
  std::string certificate_pem;  // the chain
  std::string private_key_pem;
};

// Reads ca.key, ca.pem, server.key and server.pem in `folder`; makes those that are missing, and
// server.pem also when it expires within 30 days or does not cover localhost, this machine's name
// and `extra_names`. Each key is written before its certificate, and a certificate without its key
// is damage: so a crash in between is mended by the next start. DATA_LOSS names the file that is
// damaged; nothing is overwritten then.
absl::StatusOr<ServingCertificate> OwnServingCertificate(
    const std::string& folder, const std::vector<std::string>& extra_names);

// The operator's files. `ca_file` may be empty; if not, it must hold the CA that signed the
// certificate. DATA_LOSS names the file and what is wrong with it.
absl::StatusOr<ServingCertificate> OperatorsServingCertificate(const std::string& certificate_file,
                                                               const std::string& key_file,
                                                               const std::string& ca_file);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_PKI_SERVING_CERTIFICATE_H_
