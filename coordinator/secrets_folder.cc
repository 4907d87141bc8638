#include "coordinator/secrets_folder.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/file.h"
#include "coordinator/keys/credential.h"
#include "coordinator/keys/secret.h"
#include "coordinator/pki/serving_certificate.h"

namespace homeport {
namespace {

bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

absl::Status WriteSecret(const std::string& path, std::string secret) {
  const absl::Status status = WriteFileAtomically(path, absl::StrCat(secret, "\n"), 0600);
  WipeSecret(secret);
  return status;
}

}  // namespace

absl::Status CheckSecrets(const std::string& folder, bool own_certificate) {
  std::vector<std::string> names = {kMasterKeyFile, kProxyCredentialFile};
  if (own_certificate) names.insert(names.end(), {kServerCertificateFile, kServerKeyFile});
  std::vector<std::string> missing;
  for (const std::string& name : names) {
    if (!Exists(absl::StrCat(folder, "/", name))) missing.push_back(name);
  }
  if (missing.empty()) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(
      "the folder of secrets ", folder, " lacks ", absl::StrJoin(missing, ", "),
      "; restore it from a backup, or let coordinator make-secrets make a folder for a new "
      "installation"));
}

absl::StatusOr<KeyVault> ReadMasterKey(const std::string& path) {
  absl::StatusOr<std::string> hex = ReadSecretFile(path);
  if (absl::IsNotFound(hex.status())) return hex.status();
  if (!hex.ok()) return absl::DataLossError(hex.status().message());
  absl::StatusOr<KeyVault> vault = KeyVault::FromHex(*hex);
  WipeSecret(*hex);
  if (!vault.ok()) {
    return absl::DataLossError(absl::StrCat(path, " is damaged: ", vault.status().message(),
                                            "; restore it from a backup"));
  }
  return vault;
}

absl::Status MakeSecrets(const std::string& folder, const std::vector<std::string>& tls_names) {
  for (const char* name : {kMasterKeyFile, kProxyCredentialFile, kServerCertificateFile,
                           kServerKeyFile, kCaFile, "ca.key"}) {
    if (Exists(absl::StrCat(folder, "/", name))) {
      return absl::AlreadyExistsError(absl::StrCat(
          folder, "/", name, " is there already, and nothing was changed; name another folder"));
    }
  }
  absl::Status status = MakeFolder(folder, 0700);
  if (status.ok()) status = OwnServingCertificate(folder, tls_names).status();
  if (status.ok()) {
    status = WriteSecret(absl::StrCat(folder, "/", kProxyCredentialFile),
                         MintCredential(CredentialKind::kProxy).token);
  }
  if (!status.ok()) return status;
  return WriteSecret(absl::StrCat(folder, "/", kMasterKeyFile), KeyVault::GenerateMasterKeyHex());
}

}  // namespace homeport
