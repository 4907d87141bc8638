#include "coordinator/maintenance.h"

#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "base/exit_code.h"
#include "base/file.h"
#include "base/flags.h"
#include "base/unique_fd.h"
#include "coordinator/folder_lock.h"
#include "coordinator/master_key_rotation.h"
#include "coordinator/pki/x509.h"
#include "coordinator/secrets_folder.h"
#include "coordinator/store/copy_store.h"
#include "coordinator/store/open_store.h"
#include "coordinator/store/schema.h"
#include "coordinator/store/sqlite_backup.h"

namespace homeport {
namespace {

int Finish(const absl::Status& status) {
  if (status.ok()) return kExitOk;
  fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return ExitCodeOf(status);
}

std::string FolderOf(const std::string& file) {
  const std::string folder = std::filesystem::path(file).parent_path().string();
  return folder.empty() ? "." : folder;
}

// The key that the audit is sealed with.
absl::StatusOr<std::string> AuditKeyFrom(const std::string& folder) {
  const absl::StatusOr<KeyVault> vault = ReadMasterKey(absl::StrCat(folder, "/", kMasterKeyFile));
  if (vault.ok()) return vault->DeriveKey(kAuditKeyPurpose);
  if (!absl::IsNotFound(vault.status())) return vault.status();
  return absl::InvalidArgumentError(
      absl::StrCat("there is no ", kMasterKeyFile, " in ", folder,
                   "; --secrets says where it is, so that the audit can be verified"));
}

void TellAboutAudit(const AuditVerification& audit) {
  if (audit.problem.empty()) {
    printf("the audit is whole: %lld entries\n", static_cast<long long>(audit.entries));
  } else {
    printf("the audit is as it was, and not whole: %s\n", audit.problem.c_str());
  }
}

absl::Status MakeSecretsIn(const std::string& folder, const std::string& tls_names) {
  const absl::StatusOr<std::vector<std::string>> names = ParseTlsNames(tls_names);
  if (!names.ok()) return names.status();
  if (absl::Status status = MakeSecrets(folder, *names); !status.ok()) return status;
  printf("made master key, proxy credential, CA and server certificate in %s\n", folder.c_str());
  printf("keep a copy of them apart from the database's backups; only you need ca.key\n");
  return absl::OkStatus();
}

int RunMakeSecrets(int argc, char** argv) {
  std::string folder, tls_names;
  Flags flags("coordinator make-secrets",
              "Makes the folder of secrets that coordinators with --secrets share.");
  flags.app().add_option("DIR", folder, "Folder; made if missing")->required();
  flags.Add(
      "--tls_names", tls_names,
      "DNS names and IP addresses that the certificate covers besides localhost, with commas");
  if (const auto exit_code = flags.Parse(argc, argv)) return *exit_code;
  return Finish(MakeSecretsIn(folder, tls_names));
}

// A database that is one's own for a while: nobody else works with it.
struct OwnDatabase {
  UniqueFd lock;
  std::unique_ptr<SqlDatabase> database;
};

absl::StatusOr<OwnDatabase> OpenAlone(const std::string& location) {
  OwnDatabase own;
  if (const std::string path = SqlitePath(location); !path.empty()) {
    absl::StatusOr<UniqueFd> lock = LockFolder(FolderOf(path));
    if (!lock.ok()) return lock.status();
    own.lock = *std::move(lock);
  }
  absl::StatusOr<std::unique_ptr<SqlDatabase>> database = OpenDatabase(location, nullptr, true);
  if (!database.ok()) return database.status();
  own.database = *std::move(database);
  if (absl::Status status = Migrate(*own.database, own.database->schema()); !status.ok()) {
    return status;
  }
  return own;
}

// A file that is missing would be made.
absl::Status CheckThere(const std::string& location) {
  const std::string file = SqlitePath(location);
  if (file.empty() || access(file.c_str(), F_OK) == 0) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("there is no database ", file));
}

absl::Status CopyFrom(const std::string& from, const std::string& to, std::string secrets) {
  const std::string source_file = SqlitePath(from), target_file = SqlitePath(to);
  if (absl::Status status = CheckThere(from); !status.ok()) return status;
  if (secrets.empty()) secrets = FolderOf(source_file.empty() ? target_file : source_file);
  const absl::StatusOr<std::string> audit_key = AuditKeyFrom(secrets);
  if (!audit_key.ok()) return audit_key.status();
  if (!target_file.empty()) {
    if (absl::Status status = MakeFolder(FolderOf(target_file), 0700); !status.ok()) return status;
  }
  absl::StatusOr<OwnDatabase> source = OpenAlone(from);
  if (!source.ok()) return source.status();
  absl::StatusOr<OwnDatabase> target = OpenAlone(to);
  if (!target.ok()) return target.status();
  const absl::StatusOr<CopyReport> report =
      CopyStore(*source->database, *target->database, *audit_key);
  if (!report.ok()) return report.status();
  for (const CopiedTable& table : report->tables) {
    printf("%-12s %9lld rows  %s\n", table.name.c_str(), static_cast<long long>(table.rows),
           table.digest.c_str());
  }
  TellAboutAudit(report->audit);
  printf("%s has all that is in %s\n", target->database->name().c_str(),
         source->database->name().c_str());
  return absl::OkStatus();
}

int RunCopyStore(int argc, char** argv) {
  std::string from, from_file, to, to_file, secrets;
  Flags flags("coordinator copy-store",
              "Copies a whole store into an empty one, sqlite:PATH or postgresql://…, while no "
              "coordinator runs on either, and compares the two.");
  flags.Add("--from", from, "Store to copy");
  flags.Add("--from_file", from_file, "File that holds its location, for a URL with a password");
  flags.Add("--to", to, "Store to copy into");
  flags.Add("--to_file", to_file, "File that holds its location");
  flags.Add("--secrets", secrets,
            "Folder with the master key; may be left out if it is beside the SQLite file");
  if (const auto exit_code = flags.Parse(argc, argv)) return *exit_code;
  const absl::StatusOr<std::string> source = StoreLocation(from, from_file);
  if (!source.ok()) return Finish(source.status());
  const absl::StatusOr<std::string> target = StoreLocation(to, to_file);
  if (!target.ok()) return Finish(target.status());
  return Finish(CopyFrom(*source, *target, secrets));
}

absl::Status BackUp(const std::string& state, const std::string& to, const std::string& secrets) {
  const absl::StatusOr<std::string> audit_key = AuditKeyFrom(secrets.empty() ? state : secrets);
  if (!audit_key.ok()) return audit_key.status();
  const absl::StatusOr<AuditVerification> audit =
      BackUpSqlite(absl::StrCat(state, "/homeport.db"), to, *audit_key);
  if (!audit.ok()) return audit.status();
  TellAboutAudit(*audit);
  printf("%s is a whole database; master.key and the other files of %s belong to it\n", to.c_str(),
         state.c_str());
  return absl::OkStatus();
}

int RunBackup(int argc, char** argv) {
  std::string state, to, secrets;
  Flags flags("coordinator backup",
              "Writes the database in a state folder into a file of its own, while a coordinator "
              "works with it, and verifies that.");
  flags.Add("--state", state, "State folder")->required();
  flags.Add("--to", to, "File to write; there must be none of that name")->required();
  flags.Add("--secrets", secrets, "Folder with the master key, if it is not in the state folder");
  if (const auto exit_code = flags.Parse(argc, argv)) return *exit_code;
  return Finish(BackUp(state, to, secrets));
}

absl::Status RotateMasterKey(const std::string& state, const std::string& location,
                             const std::string& secrets) {
  if (absl::Status status = CheckThere(location); !status.ok()) return status;
  absl::StatusOr<OwnDatabase> own = OpenAlone(location);
  if (!own.ok()) return own.status();
  // A folder of secrets is only read: its owner has put both keys there.
  const std::string folder = secrets.empty() ? state : secrets;
  if (secrets.empty()) {
    const absl::Status status = MakeNextMasterKey(folder, *own->database);
    if (!status.ok()) return status;
  }
  const absl::StatusOr<int64_t> keys = ResealStore(folder, *own->database);
  if (!keys.ok()) return keys.status();
  if (*keys == 0) {
    printf("%s/master.key is what everything is sealed with already\n", folder.c_str());
    return absl::OkStatus();
  }
  printf("sealed %lld private keys and the audit with %s/master.key\n",
         static_cast<long long>(*keys), folder.c_str());
  printf("backups of before need %s/master.key.old; delete it when there is none left\n",
         folder.c_str());
  return absl::OkStatus();
}

int RunRotateMasterKey(int argc, char** argv) {
  std::string state, store, store_file, secrets;
  Flags flags("coordinator rotate-master-key",
              "Seals all private keys with another master key, while no coordinator runs. With "
              "--secrets the new one is master.key and the old one master.key.old in that folder; "
              "else the new one is made in the state folder.");
  flags.Add("--state", state, "State folder");
  flags.Add("--store", store, "Database; empty for SQLite in the state folder");
  flags.Add("--store_file", store_file, "File that holds the store's location");
  flags.Add("--secrets", secrets, "Folder of secrets; empty for the state folder");
  if (const auto exit_code = flags.Parse(argc, argv)) return *exit_code;
  if (state.empty() && (secrets.empty() || (store.empty() && store_file.empty()))) {
    return Finish(absl::InvalidArgumentError("--state, or --secrets and a store, is required"));
  }
  std::string location = absl::StrCat("sqlite:", state, "/homeport.db");
  if (!store.empty() || !store_file.empty()) {
    absl::StatusOr<std::string> said = StoreLocation(store, store_file);
    if (!said.ok()) return Finish(said.status());
    location = *std::move(said);
  }
  return Finish(RotateMasterKey(state, location, secrets));
}

}  // namespace

std::optional<int> RunMaintenance(int argc, char** argv) {
  const absl::string_view command = argc < 2 ? "" : argv[1];
  int (*run)(int, char**) = nullptr;
  if (command == "make-secrets") run = RunMakeSecrets;
  if (command == "copy-store") run = RunCopyStore;
  if (command == "backup") run = RunBackup;
  if (command == "rotate-master-key") run = RunRotateMasterKey;
  if (run == nullptr) return std::nullopt;
  umask(077);
  if (sodium_init() < 0) return Finish(absl::InternalError("libsodium cannot be initialised"));
  return run(argc - 1, argv + 1);
}

bool IsTlsName(const std::string& name) {
  return IsIpAddress(name) || (!name.empty() && name.size() <= 253 &&
                               std::all_of(name.begin(), name.end(), [](unsigned char c) {
                                 return absl::ascii_isalnum(c) || c == '-' || c == '.';
                               }));
}

absl::StatusOr<std::vector<std::string>> ParseTlsNames(const std::string& names) {
  std::vector<std::string> parsed;
  for (const absl::string_view part : absl::StrSplit(names, ',', absl::SkipWhitespace())) {
    const std::string name(absl::StripAsciiWhitespace(part));
    if (!IsTlsName(name)) {
      return absl::InvalidArgumentError(
          absl::StrCat("--tls_names: \"", name, "\" is neither a DNS name nor an IP address"));
    }
    parsed.push_back(name);
  }
  return parsed;
}

absl::StatusOr<std::string> StoreLocation(const std::string& store, const std::string& store_file) {
  std::string location = store;
  if (!store_file.empty()) {
    if (!store.empty()) {
      return absl::InvalidArgumentError("a store and a file that says which one: name one of them");
    }
    absl::StatusOr<std::string> text = ReadSecretFile(store_file);
    if (!text.ok()) return text.status();
    location = *std::move(text);
  }
  if (absl::Status status = CheckLocation(location); !status.ok()) return status;
  return location;
}

int ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      return kExitUsage;
    case absl::StatusCode::kDataLoss:
      return kExitBadState;
    case absl::StatusCode::kUnavailable:
      return kExitUnavailable;
    default:
      return kExitFailure;
  }
}

}  // namespace homeport
