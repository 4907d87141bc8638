// The folder that holds everything which outlives the coordinator's process.
//
//   lock                    held while a coordinator runs on this folder
//   homeport.db             the store
//   master.key              opens the private keys in the store
//   ca.*, server.*          coordinator/pki/serving_certificate.h
//   proxy-credential        what proxies show; whatever is in the file is the valid one
//   set-up-code             makes the first site manager; gone once that was done
//
// A start that is killed at any point leaves a folder from which the next start goes on: every file
// is complete or absent, every change of the database is a transaction, and a token is in its file
// before the store knows it.
//
// Threads: Open and Close in main; the parts as they say themselves.
#ifndef HOMEPORT_COORDINATOR_STATE_FOLDER_H_
#define HOMEPORT_COORDINATOR_STATE_FOLDER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/unique_fd.h"
#include "coordinator/keys/key_pair.h"
#include "coordinator/keys/key_vault.h"
#include "coordinator/pki/serving_certificate.h"
#include "coordinator/store/open_store.h"

namespace homeport {

struct StateFolderOptions {
  std::string path;
  std::vector<std::string> tls_names;  // that the serving certificate covers besides the usual
  // The operator's own files; the folder's CA is not used then. All empty: the folder's CA.
  std::string tls_certificate_file;
  std::string tls_key_file;
  std::string tls_ca_file;
  SqlDatabase::ErrorObserver on_store_error;
};

class StateFolder {
 public:
  // Makes what is missing. DATA_LOSS names what is damaged, and nothing is overwritten then;
  // FAILED_PRECONDITION if another coordinator runs on the folder.
  static absl::StatusOr<std::unique_ptr<StateFolder>> Open(const StateFolderOptions& options);

  Store& store() { return *store_; }
  const KeyVault& vault() const { return *vault_; }
  const KeyPair& host_key() const { return *host_key_; }
  const ServingCertificate& serving_certificate() const { return serving_certificate_; }

  // What makes the first site manager; empty if that was done before Open.
  const std::string& set_up_code() const { return set_up_code_; }
  std::string SetUpCodeFile() const;
  // Deletes the file, now that the code is worth nothing any more. From any thread.
  void RemoveSetUpCode() const;

 private:
  explicit StateFolder(std::string path) : path_(std::move(path)) {}

  std::string File(absl::string_view name) const;
  absl::Status Lock();
  absl::Status OpenStore(const StateFolderOptions& options);
  absl::Status OpenVault();
  absl::Status OpenHostKey();
  absl::Status SettleSetUpCode();
  absl::Status SettleProxyCredential();

  const std::string path_;
  UniqueFd lock_;
  std::unique_ptr<SqlStore> store_;
  std::unique_ptr<KeyVault> vault_;
  std::unique_ptr<KeyPair> host_key_;
  ServingCertificate serving_certificate_;
  std::string set_up_code_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_STATE_FOLDER_H_
