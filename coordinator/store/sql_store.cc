#include "coordinator/store/sql_store.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "coordinator/store/schema.h"
#include "coordinator/store/sql_rows.h"

namespace homeport {
namespace {

constexpr char kFrontDoor[] = "front-door";
constexpr char kFirstUser[] = "first-user";

constexpr char kKeyAlgorithm[] = "key_algorithm";
constexpr char kPrivateKeyDownload[] = "private_key_download";
constexpr char kAuditRetention[] = "audit_retention";
constexpr char kSignInLifetime[] = "sign_in_lifetime";

bool HadFirstUserIn(soci::session& session) {
  return QueryNumber(session, "SELECT count(*) FROM milestones WHERE name = :name", {kFirstUser}) >
         0;
}

std::string ReadSetting(soci::session& session, const char* name) {
  return QueryText(session, "SELECT value FROM settings WHERE name = :name", {name});
}

void WriteSetting(soci::session& session, const char* name, const std::string& value) {
  Execute(session, "DELETE FROM settings WHERE name = :name", {name});
  Execute(session, "INSERT INTO settings (name, value) VALUES (:name, :value)", {name, value});
}

// Whole seconds; "" for the default and "-1" for no end.
std::string DurationSetting(absl::Duration duration) {
  if (duration == absl::InfiniteDuration()) return "-1";
  return absl::StrCat(absl::ToInt64Seconds(duration));
}

void ReadDuration(const std::string& text, absl::Duration& duration) {
  int64_t seconds = 0;
  if (!absl::SimpleAtoi(text, &seconds)) return;
  duration = seconds < 0 ? absl::InfiniteDuration() : absl::Seconds(seconds);
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqlStore>> SqlStore::Open(std::unique_ptr<SqlDatabase> database) {
  if (absl::Status status = Migrate(*database, database->schema()); !status.ok()) return status;
  return std::unique_ptr<SqlStore>(new SqlStore(std::move(database)));
}

absl::StatusOr<SiteSettings> SqlStore::GetSettings() {
  return database_->Read([&](soci::session& session) -> absl::StatusOr<SiteSettings> {
    SiteSettings settings;
    const std::string algorithm = ReadSetting(session, kKeyAlgorithm);
    if (!algorithm.empty()) settings.key_algorithm = algorithm;
    settings.private_key_download = ReadSetting(session, kPrivateKeyDownload) != "0";
    ReadDuration(ReadSetting(session, kAuditRetention), settings.audit_retention);
    ReadDuration(ReadSetting(session, kSignInLifetime), settings.sign_in_lifetime);
    return settings;
  });
}

absl::Status SqlStore::SetSettings(const SiteSettings& settings, const AuditRecord& audit) {
  return Change(audit, [&](soci::session& session) -> absl::Status {
    WriteSetting(session, kKeyAlgorithm, settings.key_algorithm);
    WriteSetting(session, kPrivateKeyDownload, settings.private_key_download ? "1" : "0");
    WriteSetting(session, kAuditRetention, DurationSetting(settings.audit_retention));
    WriteSetting(session, kSignInLifetime, DurationSetting(settings.sign_in_lifetime));
    return absl::OkStatus();
  });
}

absl::StatusOr<KeyRecord> SqlStore::GetHostKey() {
  return database_->Read([&](soci::session& session) -> absl::StatusOr<KeyRecord> {
    std::vector<KeyRecord> keys =
        SelectKeys(session, "host_keys", "WHERE purpose = :purpose", {kFrontDoor});
    if (keys.empty()) return absl::NotFoundError("there is no host key yet");
    return std::move(keys.front());
  });
}

absl::Status SqlStore::CreateHostKey(const KeyRecord& key) {
  return database_->Write([&](soci::session& session) -> absl::Status {
    if (QueryNumber(session, "SELECT count(*) FROM host_keys WHERE purpose = :purpose",
                    {kFrontDoor}) > 0) {
      return absl::AlreadyExistsError("there is already a host key");
    }
    Execute(session,
            "INSERT INTO host_keys (purpose, public_key, sealed_key) VALUES (:purpose, :public, "
            ":sealed)",
            {kFrontDoor, absl::Base64Escape(key.public_key), absl::Base64Escape(key.sealed)});
    return absl::OkStatus();
  });
}

absl::StatusOr<HashedCredential> SqlStore::GetSetUpCode() {
  return database_->Read([&](soci::session& session) -> absl::StatusOr<HashedCredential> {
    HashedCredential code;
    code.kind = CredentialKind::kSetUpCode;
    code.id = QueryText(session, "SELECT id FROM set_up_code", {});
    if (code.id.empty()) return absl::NotFoundError("there is no set-up code");
    code.secret_hash = FromBase64(QueryText(session, "SELECT secret_hash FROM set_up_code", {}));
    return code;
  });
}

absl::Status SqlStore::SetSetUpCode(const HashedCredential& code) {
  return database_->Write([&](soci::session& session) -> absl::Status {
    if (HadFirstUserIn(session)) {
      return absl::FailedPreconditionError("the first user was made before");
    }
    Execute(session, "DELETE FROM set_up_code", {});
    Execute(session, "INSERT INTO set_up_code (id, secret_hash) VALUES (:id, :hash)",
            {code.id, absl::Base64Escape(code.secret_hash)});
    return absl::OkStatus();
  });
}

absl::StatusOr<bool> SqlStore::HadFirstUser() {
  return database_->Read(
      [&](soci::session& session) -> absl::StatusOr<bool> { return HadFirstUserIn(session); });
}

absl::StatusOr<UserRecord> SqlStore::CreateFirstUser(const NewUser& user,
                                                     const AuditRecord& audit) {
  return Change(audit, [&](soci::session& session) -> absl::StatusOr<UserRecord> {
    if (HadFirstUserIn(session)) {
      return absl::FailedPreconditionError("the first user was made before");
    }
    Execute(session, "INSERT INTO milestones (name, time) VALUES (:name, :time)",
            {kFirstUser, TimeColumn(absl::Now())});
    Execute(session, "DELETE FROM set_up_code", {});
    return InsertUser(session, user);
  });
}

absl::StatusOr<bool> SqlStore::HasSealedKeys() {
  return database_->Read([&](soci::session& session) -> absl::StatusOr<bool> {
    return QueryNumber(session,
                       "SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM host_keys)",
                       {}) > 0;
  });
}

}  // namespace homeport
