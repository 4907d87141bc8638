// The folder that holds everything which outlives the coordinator's process.
//
//   lock                    held while a coordinator runs on this folder
//   homeport.db             the store
//   master.key              opens the private keys in the store (master_key_rotation.h)
//   ca.*, server.*          coordinator/pki/serving_certificate.h
//   proxy-credential        what proxies show; whatever is in the file is the valid one
//   set-up-code             makes the first site manager; gone once that was done
//
// With a folder of secrets (secrets_folder.h) nothing of this is made, but taken from there, and
// the set-up code is derived from the master key instead of lying in a file. With a database on a
// server there is no state folder at all. So any number of coordinators may start on the same
// secrets and database, at the same time: who comes first makes the host key, and the others take
// it over; and they all know the same set-up code.
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
  std::string path;                    // may be empty if `store` is a database on a server
  std::string store;                   // open_store.h; empty: the database in the folder
  std::string secrets;                 // folder of secrets; empty: they are in the state folder
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
  // Where it lies; empty if it comes of the folder of secrets.
  std::string SetUpCodeFile() const;
  // Deletes the file, now that the code is worth nothing any more. From any thread.
  void RemoveSetUpCode() const;

 private:
  explicit StateFolder(const StateFolderOptions& options)
      : path_(options.path), secrets_(options.secrets) {}

  std::string File(absl::string_view name) const;
  // Where a secret of this name is.
  std::string SecretFile(absl::string_view name) const;
  absl::Status Lock();
  absl::Status OpenStore(const StateFolderOptions& options);
  absl::Status OpenVault();
  absl::StatusOr<KeyVault> ReadOrMakeMasterKey();
  absl::Status OpenHostKey();
  absl::StatusOr<ServingCertificate> OpenCertificate(const StateFolderOptions& options) const;
  absl::Status SettleSetUpCode();
  absl::Status SettleProxyCredential();

  const std::string path_;
  const std::string secrets_;
  UniqueFd lock_;
  std::unique_ptr<SqlStore> store_;
  std::unique_ptr<KeyVault> vault_;
  std::unique_ptr<KeyPair> host_key_;
  ServingCertificate serving_certificate_;
  std::string set_up_code_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_STATE_FOLDER_H_
