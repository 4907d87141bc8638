#include "coordinator/state_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/logging.h"
#include "coordinator/folder_lock.h"
#include "coordinator/keys/credential.h"
#include "coordinator/keys/ed25519_key_pair.h"
#include "coordinator/keys/secret.h"
#include "coordinator/master_key_rotation.h"
#include "coordinator/secrets_folder.h"
#include "coordinator/store/postgresql_address.h"
#include "coordinator/user_keys.h"

namespace homeport {
namespace {

constexpr char kDatabase[] = "homeport.db";
constexpr char kSetUpCode[] = "set-up-code";

// Removes what a kill in the middle of WriteFileAtomically left: `name.XXXXXX`.
void RemoveLeftovers(const std::string& folder) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::filesystem::path stem = entry.path().stem();
    const bool ours = stem == kMasterKeyFile || stem == kSetUpCode ||
                      stem == kProxyCredentialFile || stem == "ca.key" || stem == "ca.pem" ||
                      stem == "server.key" || stem == "server.pem";
    if (ours && entry.path().extension().string().size() == sizeof(".XXXXXX") - 1) {
      unlink(entry.path().c_str());
    }
  }
}

bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

// A file of ours that is there and cannot be used is damage, whatever the reason.
absl::Status Damaged(const absl::Status& cause) { return absl::DataLossError(cause.message()); }

// The credential in the file; a new one, written there first, if there is no file. DATA_LOSS if the
// file holds something else.
absl::StatusOr<HashedCredential> ReadOrMintCredential(const std::string& path,
                                                      CredentialKind kind) {
  absl::StatusOr<std::string> token = ReadSecretFile(path);
  if (absl::IsNotFound(token.status())) {
    NewCredential minted = MintCredential(kind);
    absl::Status status = WriteFileAtomically(path, absl::StrCat(minted.token, "\n"), 0600);
    WipeSecret(minted.token);
    if (!status.ok()) return status;
    return minted.hashed;
  }
  if (!token.ok()) return Damaged(token.status());
  absl::StatusOr<HashedCredential> parsed = ParseCredential(*token);
  if (!parsed.ok() || parsed->kind != kind) {
    return absl::DataLossError(absl::StrCat(path, " does not hold ", CredentialKindName(kind),
                                            "; delete it to have a new one made"));
  }
  return parsed;
}

}  // namespace

absl::StatusOr<std::unique_ptr<StateFolder>> StateFolder::Open(const StateFolderOptions& options) {
  auto folder = std::unique_ptr<StateFolder>(new StateFolder(options));
  absl::Status status;
  if (!options.secrets.empty()) {
    status = CheckSecrets(options.secrets, options.tls_certificate_file.empty());
  }
  if (status.ok() && !IsPostgresqlUrl(options.store)) {
    status = MakeFolder(options.path, 0700);
    if (status.ok()) status = folder->Lock();
  }
  if (status.ok()) status = folder->OpenStore(options);
  if (status.ok()) status = folder->OpenVault();
  if (status.ok()) status = folder->OpenHostKey();
  if (!status.ok()) return status;

  absl::StatusOr<ServingCertificate> certificate = folder->OpenCertificate(options);
  if (!certificate.ok()) return certificate.status();
  folder->serving_certificate_ = *std::move(certificate);

  status = folder->SettleSetUpCode();
  if (status.ok()) status = folder->SettleProxyCredential();
  if (!status.ok()) return status;
  return folder;
}

std::string StateFolder::File(absl::string_view name) const {
  return absl::StrCat(path_, "/", name);
}

std::string StateFolder::SecretFile(absl::string_view name) const {
  return secrets_.empty() ? File(name) : absl::StrCat(secrets_, "/", name);
}

absl::Status StateFolder::Lock() {
  // Every secret in it has a mode of its own, and a mounted volume's root is not always ours to
  // change: so this is a warning.
  struct stat info = {};
  if (stat(path_.c_str(), &info) == 0 && (info.st_mode & 077) != 0) {
    Logger("state")->warn("the folder {} is open to others; chmod 700 {} makes it private", path_,
                          path_);
  }
  absl::StatusOr<UniqueFd> lock = LockFolder(path_);
  if (!lock.ok()) return lock.status();
  lock_ = *std::move(lock);
  RemoveLeftovers(path_);
  return absl::OkStatus();
}

absl::Status StateFolder::OpenStore(const StateFolderOptions& options) {
  std::string location = options.store;
  if (location.empty()) {
    location = absl::StrCat("sqlite:", File(kDatabase));
    // The database is made before the master key, so a key without a database is no first start.
    struct stat info = {};
    const bool empty = stat(File(kDatabase).c_str(), &info) != 0 || info.st_size == 0;
    if (empty && secrets_.empty() && Exists(File(kMasterKeyFile))) {
      return absl::DataLossError(absl::StrCat(
          File(kDatabase), " is missing or empty, though ", path_,
          " has been in use; restore it from a backup, or start afresh in an empty folder"));
    }
  }
  absl::StatusOr<std::unique_ptr<SqlStore>> store =
      homeport::OpenStore(location, options.on_store_error);
  if (!store.ok()) return store.status();
  store_ = *std::move(store);
  return absl::OkStatus();
}

absl::StatusOr<KeyVault> StateFolder::ReadOrMakeMasterKey() {
  const std::string path = SecretFile(kMasterKeyFile);
  absl::StatusOr<KeyVault> vault =
      FindMasterKey(secrets_.empty() ? path_ : secrets_, store_->database());
  if (!absl::IsNotFound(vault.status()) || !secrets_.empty()) return vault;
  const absl::StatusOr<bool> needed = store_->HasSealedKeys();
  if (!needed.ok()) return needed.status();
  if (*needed) {
    return absl::DataLossError(
        absl::StrCat(path, " is missing, and the private keys in ", store_->database().name(),
                     " cannot be opened without it; restore it from a backup"));
  }
  std::string hex = KeyVault::GenerateMasterKeyHex();
  const absl::Status written = WriteFileAtomically(path, absl::StrCat(hex, "\n"), 0600);
  WipeSecret(hex);
  if (!written.ok()) return written;
  Logger("state")->info("made a master key: {}; back it up together with the database", path);
  return ReadMasterKey(path);
}

absl::Status StateFolder::OpenVault() {
  absl::StatusOr<KeyVault> vault = ReadOrMakeMasterKey();
  if (!vault.ok()) return vault.status();
  vault_ = std::make_unique<KeyVault>(*std::move(vault));
  const absl::Status sealed = store_->SetAuditKey(vault_->DeriveKey(kAuditKeyPurpose));
  if (!absl::IsDataLoss(sealed)) return sealed;
  // People get on with their work; the record goes on saying that it was tampered with.
  Logger("state")->critical("{}", std::string(sealed.message()));
  return absl::OkStatus();
}

absl::Status StateFolder::OpenHostKey() {
  absl::StatusOr<KeyRecord> record = store_->GetHostKey();
  if (absl::IsNotFound(record.status())) {
    record = SealKeyPair(*vault_, Ed25519KeyPair::Generate(), kFrontDoorOwner);
    const absl::Status created = store_->CreateHostKey(*record);
    if (!created.ok() && !absl::IsAlreadyExists(created)) return created;
    // Another coordinator may have come first.
    if (!created.ok()) record = store_->GetHostKey();
  }
  if (!record.ok()) return record.status();
  absl::StatusOr<KeyPair> pair = OpenKeyPair(*vault_, *record, kFrontDoorOwner);
  if (!pair.ok()) {
    return absl::DataLossError(absl::StrCat(
        SecretFile(kMasterKeyFile), " does not open the keys in ", store_->database().name(),
        "; restore the two from the same backup (", pair.status().message(), ")"));
  }
  host_key_ = std::make_unique<KeyPair>(*std::move(pair));
  return absl::OkStatus();
}

absl::StatusOr<ServingCertificate> StateFolder::OpenCertificate(
    const StateFolderOptions& options) const {
  if (!options.tls_certificate_file.empty()) {
    return OperatorsServingCertificate(options.tls_certificate_file, options.tls_key_file,
                                       options.tls_ca_file);
  }
  if (secrets_.empty()) return OwnServingCertificate(path_, options.tls_names);
  const std::string ca = SecretFile(kCaFile);
  return OperatorsServingCertificate(SecretFile(kServerCertificateFile), SecretFile(kServerKeyFile),
                                     Exists(ca) ? ca : "");
}

absl::Status StateFolder::SettleSetUpCode() {
  const absl::StatusOr<bool> done = store_->HadFirstUser();
  if (!done.ok()) return done.status();
  if (*done) {
    RemoveSetUpCode();  // if a kill has come between
    return absl::OkStatus();
  }
  if (!secrets_.empty()) {
    NewCredential code =
        DeriveCredential(CredentialKind::kSetUpCode, vault_->DeriveKey(kSetUpCodePurpose));
    const absl::Status status = store_->SetSetUpCode(code.hashed);
    // Then another coordinator has just used it.
    if (absl::IsFailedPrecondition(status)) return absl::OkStatus();
    set_up_code_ = std::move(code.token);
    return status;
  }
  // The file first: were the store first and the process killed in between, nobody would ever know
  // the code.
  const absl::StatusOr<HashedCredential> code =
      ReadOrMintCredential(SetUpCodeFile(), CredentialKind::kSetUpCode);
  if (!code.ok()) return code.status();
  if (absl::Status status = store_->SetSetUpCode(*code); !status.ok()) return status;
  absl::StatusOr<std::string> text = ReadSecretFile(SetUpCodeFile());
  if (!text.ok()) return Damaged(text.status());
  set_up_code_ = *std::move(text);
  return absl::OkStatus();
}

std::string StateFolder::SetUpCodeFile() const { return secrets_.empty() ? File(kSetUpCode) : ""; }

void StateFolder::RemoveSetUpCode() const {
  if (!secrets_.empty()) return;
  if (unlink(SetUpCodeFile().c_str()) != 0 && errno != ENOENT) {
    Logger("state")->warn("{} is worth nothing any more, and cannot be deleted", SetUpCodeFile());
  }
}

absl::Status StateFolder::SettleProxyCredential() {
  absl::StatusOr<HashedCredential> in_file =
      ReadOrMintCredential(SecretFile(kProxyCredentialFile), CredentialKind::kProxy);
  if (!in_file.ok()) return in_file.status();
  const absl::StatusOr<CredentialRecord> known = store_->FindCredential(in_file->id);
  if (known.ok() && SameSecret(known->hashed, *in_file)) return absl::OkStatus();
  if (!known.ok() && !absl::IsNotFound(known.status())) return known.status();
  return store_->SetProxyCredential(*in_file);
}

}  // namespace homeport
