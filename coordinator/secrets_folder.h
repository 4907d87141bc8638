// The secrets of an installation whose coordinators share a database: a folder that they only read,
// a Kubernetes Secret for example.
//
//   master.key              opens the private keys in the store
//   master.key.old          the one before, while it is exchanged (master_key_rotation.h)
//   proxy-credential        what proxies show
//   server.pem, server.key  what the coordinator shows in its TLS handshakes
//   ca.pem                  CA that signed it; may be missing
//   ca.key                  its key; the coordinator does not need it
//
// The names are those of the state folder, which makes its own.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_SECRETS_FOLDER_H_
#define HOMEPORT_COORDINATOR_SECRETS_FOLDER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/keys/key_vault.h"

namespace homeport {

inline constexpr char kMasterKeyFile[] = "master.key";
inline constexpr char kProxyCredentialFile[] = "proxy-credential";
inline constexpr char kServerCertificateFile[] = "server.pem";
inline constexpr char kServerKeyFile[] = "server.key";
inline constexpr char kCaFile[] = "ca.pem";

// Purposes of KeyVault::DeriveKey.
inline constexpr char kAuditKeyPurpose[] = "audit seal";
inline constexpr char kSetUpCodePurpose[] = "set-up code";

// DATA_LOSS that names all that are missing. The certificate is not asked for if the operator gave
// files of their own.
absl::Status CheckSecrets(const std::string& folder, bool own_certificate);

// The key in a master key file. NOT_FOUND if there is none, DATA_LOSS if it cannot be used.
absl::StatusOr<KeyVault> ReadMasterKey(const std::string& path);

// Makes them all, in a folder that is made if it is missing. ALREADY_EXISTS, without changing
// anything, if one of them is there. `tls_names`: what the certificate covers besides localhost.
absl::Status MakeSecrets(const std::string& folder, const std::vector<std::string>& tls_names);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_SECRETS_FOLDER_H_
