#include "coordinator/master_key_rotation.h"

#include <unistd.h>

#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "coordinator/keys/secret.h"
#include "coordinator/secrets_folder.h"
#include "coordinator/store/sql_audit.h"
#include "coordinator/store/sql_rows.h"
#include "coordinator/user_keys.h"

namespace homeport {
namespace {

std::string NewKeyFile(const std::string& folder) {
  return absl::StrCat(folder, "/", kMasterKeyFile);
}
std::string OldKeyFile(const std::string& folder) { return NewKeyFile(folder) + ".old"; }

// One private key in the store.
struct Sealed {
  std::string table, name_column, name, owner;
  KeyRecord record;
};

std::vector<Sealed> SelectSealed(soci::session& session) {
  std::vector<Sealed> all;
  for (const auto& [table, column] :
       {std::pair<std::string, std::string>("users", "name"),
        std::pair<std::string, std::string>("host_keys", "purpose")}) {
    const std::vector<std::string> names = SelectTexts(
        session, absl::StrCat("SELECT ", column, " FROM ", table, " ORDER BY ", column), {});
    for (const std::string& name : names) {
      const std::string owner = table == "users" ? UserKeyOwner(name) : kFrontDoorOwner;
      const std::string where = absl::StrCat("WHERE ", column, " = :name");
      all.push_back({table, column, name, owner, SelectKeys(session, table, where, {name}).at(0)});
    }
  }
  return all;
}

// Whether the key opens the front door's host key; also if there is none yet.
absl::StatusOr<bool> OpensStore(const KeyVault& vault, SqlDatabase& database) {
  return database.Read([&](soci::session& session) -> absl::StatusOr<bool> {
    const std::vector<KeyRecord> keys = SelectKeys(session, "host_keys", "", {});
    return keys.empty() || OpenKeyPair(vault, keys.front(), kFrontDoorOwner).ok();
  });
}

absl::Status Reseal(soci::session& session, const Sealed& sealed, const KeyVault& before,
                    const KeyVault& after) {
  const absl::StatusOr<KeyPair> pair = OpenKeyPair(before, sealed.record, sealed.owner);
  if (!pair.ok()) return pair.status();
  Execute(session,
          absl::StrCat("UPDATE ", sealed.table, " SET sealed_key = :sealed WHERE ",
                       sealed.name_column, " = :name"),
          {absl::Base64Escape(SealKeyPair(after, *pair, sealed.owner).sealed), sealed.name});
  return absl::OkStatus();
}

absl::StatusOr<int64_t> ResealAll(soci::session& session, const KeyVault& before,
                                  const KeyVault& after) {
  const std::vector<Sealed> all = SelectSealed(session);
  for (const Sealed& sealed : all) {
    if (absl::Status status = Reseal(session, sealed, before, after); !status.ok()) return status;
  }
  // A seal that was broken before stays so: the record goes on telling.
  ResealAuditHead(session, before.DeriveKey(kAuditKeyPurpose), after.DeriveKey(kAuditKeyPurpose));
  return static_cast<int64_t>(all.size());
}

}  // namespace

absl::StatusOr<KeyVault> FindMasterKey(const std::string& folder, SqlDatabase& database) {
  absl::StatusOr<KeyVault> vault = ReadMasterKey(NewKeyFile(folder));
  if (!vault.ok() || access(OldKeyFile(folder).c_str(), F_OK) != 0) return vault;
  const absl::StatusOr<bool> opens = OpensStore(*vault, database);
  if (!opens.ok()) return opens.status();
  if (*opens) return vault;
  absl::StatusOr<KeyVault> old = ReadMasterKey(OldKeyFile(folder));
  if (!old.ok()) return old;
  const absl::StatusOr<bool> old_opens = OpensStore(*old, database);
  if (!old_opens.ok()) return old_opens.status();
  return *old_opens ? std::move(old) : std::move(vault);
}

absl::Status MakeNextMasterKey(const std::string& folder, SqlDatabase& database) {
  const absl::StatusOr<KeyVault> current = ReadMasterKey(NewKeyFile(folder));
  if (!current.ok()) return current.status();
  const absl::StatusOr<bool> opens = OpensStore(*current, database);
  if (!opens.ok()) return opens.status();
  if (!*opens) return absl::OkStatus();
  absl::StatusOr<std::string> hex = ReadSecretFile(NewKeyFile(folder));
  if (!hex.ok()) return hex.status();
  absl::Status status = WriteFileAtomically(OldKeyFile(folder), absl::StrCat(*hex, "\n"), 0600);
  if (status.ok()) {
    WipeSecret(*hex);
    hex = KeyVault::GenerateMasterKeyHex();
    status = WriteFileAtomically(NewKeyFile(folder), absl::StrCat(*hex, "\n"), 0600);
  }
  WipeSecret(*hex);
  return status;
}

absl::StatusOr<int64_t> ResealStore(const std::string& folder, SqlDatabase& database) {
  const absl::StatusOr<KeyVault> after = ReadMasterKey(NewKeyFile(folder));
  if (!after.ok()) return after.status();
  const absl::StatusOr<KeyVault> before = ReadMasterKey(OldKeyFile(folder));
  if (!before.ok()) return before.status();
  const absl::StatusOr<bool> done = OpensStore(*after, database);
  if (!done.ok()) return done.status();
  if (*done) return 0;
  return database.WriteAtLeisure([&](soci::session& session) -> absl::StatusOr<int64_t> {
    return ResealAll(session, *before, *after);
  });
}

}  // namespace homeport
