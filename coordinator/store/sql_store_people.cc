// SqlStore's people, and their passwords.
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "coordinator/store/sql_rows.h"
#include "coordinator/store/sql_store.h"

namespace homeport {
namespace {

absl::Status NotFound(absl::string_view name) {
  return absl::NotFoundError(absl::StrCat("user \"", name, "\" was not found"));
}

absl::Status NoSuchUser(int64_t id) {
  return absl::NotFoundError(absl::StrCat("user number ", id, " was not found"));
}

absl::StatusOr<UserRecord> SelectUser(soci::session& session, absl::string_view name) {
  std::vector<UserRecord> rows = SelectUsers(session, "WHERE name = :name", {name});
  if (rows.empty()) return NotFound(name);
  return std::move(rows.front());
}

// Whether the user is a site manager who may act, and no other is.
bool IsLastSiteManager(soci::session& session, const UserRecord& user) {
  return user.site_manager && !user.suspended &&
         QueryNumber(session, "SELECT count(*) FROM users WHERE site_manager = 1 AND suspended = 0",
                     {}) == 1;
}

absl::Status LastSiteManager(absl::string_view name) {
  return absl::FailedPreconditionError(
      absl::StrCat("user \"", name, "\" is the last active site manager; make another one first"));
}

}  // namespace

absl::StatusOr<UserRecord> SqlStore::InsertUser(soci::session& session, const NewUser& user) {
  if (SelectUser(session, user.name).ok()) {
    return absl::AlreadyExistsError(absl::StrCat("there is already a user \"", user.name, "\""));
  }
  const std::string key = absl::Base64Escape(user.key.public_key);
  if (QueryNumber(session, "SELECT count(*) FROM own_keys WHERE public_key = :key", {key}) > 0) {
    return absl::AlreadyExistsError("somebody has this key already");
  }
  const int64_t now = TimeColumn(absl::Now());
  Execute(session,
          "INSERT INTO users (name, email, site_manager, auditor, public_key, sealed_key, "
          "create_time, key_create_time, password_hash) VALUES (:name, :email, :site_manager, "
          ":auditor, :public_key, :sealed_key, :time, :key_time, :password)",
          {user.name, user.email, user.site_manager ? 1 : 0, user.auditor ? 1 : 0, key,
           absl::Base64Escape(user.key.sealed), now, now, user.password_hash});
  absl::StatusOr<UserRecord> made = SelectUser(session, user.name);
  if (made.ok()) InsertCredential(session, user.token, made->id, user.token_details);
  return made;
}

absl::StatusOr<UserRecord> SqlStore::CreateUser(const NewUser& user, const AuditRecord& audit) {
  return Change(audit, [&](soci::session& session) { return InsertUser(session, user); });
}

absl::StatusOr<UserRecord> SqlStore::GetUser(absl::string_view name) {
  return database_->Read([&](soci::session& session) { return SelectUser(session, name); });
}

absl::StatusOr<UserRecord> SqlStore::GetUserById(int64_t id) {
  return database_->Read([&](soci::session& session) -> absl::StatusOr<UserRecord> {
    std::vector<UserRecord> rows = SelectUsers(session, "WHERE id = :id", {id});
    if (rows.empty()) return NoSuchUser(id);
    return std::move(rows.front());
  });
}

absl::StatusOr<std::vector<UserRecord>> SqlStore::ListUsers(absl::string_view after, int limit) {
  return database_->Read([&](soci::session& session) {
    return absl::StatusOr<std::vector<UserRecord>>(
        SelectUsers(session, "WHERE name > :after ORDER BY name LIMIT :limit", {after, limit}));
  });
}

absl::StatusOr<UserRecord> SqlStore::UpdateUser(absl::string_view name, const UserChange& change,
                                                const AuditRecord& audit) {
  return Change(audit, [&](soci::session& session) -> absl::StatusOr<UserRecord> {
    absl::StatusOr<UserRecord> user = SelectUser(session, name);
    if (!user.ok()) return user;
    const bool last = IsLastSiteManager(session, *user);
    user->email = change.email.value_or(user->email);
    user->site_manager = change.site_manager.value_or(user->site_manager);
    user->auditor = change.auditor.value_or(user->auditor);
    user->suspended = change.suspended.value_or(user->suspended);
    if (last && (!user->site_manager || user->suspended)) return LastSiteManager(name);
    Execute(session,
            "UPDATE users SET email = :email, site_manager = :site_manager, auditor = :auditor, "
            "suspended = :suspended WHERE id = :id",
            {user->email, user->site_manager ? 1 : 0, user->auditor ? 1 : 0,
             user->suspended ? 1 : 0, user->id});
    return user;
  });
}

absl::StatusOr<UserRecord> SqlStore::DeleteUser(absl::string_view name, const AuditRecord& audit) {
  return Change(audit, [&](soci::session& session) -> absl::StatusOr<UserRecord> {
    absl::StatusOr<UserRecord> user = SelectUser(session, name);
    if (!user.ok()) return user;
    const long long workspaces =
        QueryNumber(session, "SELECT count(*) FROM workspaces WHERE owner_id = :id", {user->id});
    if (workspaces > 0) {
      return absl::FailedPreconditionError(
          absl::StrCat("user \"", name, "\" owns ", workspaces, " workspaces; delete them first"));
    }
    if (IsLastSiteManager(session, *user)) return LastSiteManager(name);
    Execute(session, "DELETE FROM users WHERE id = :id", {user->id});
    return user;
  });
}

absl::StatusOr<std::string> SqlStore::GetPasswordHash(int64_t user_id) {
  return database_->Read([&](soci::session& session) -> absl::StatusOr<std::string> {
    return QueryText(session, "SELECT password_hash FROM users WHERE id = :id", {user_id});
  });
}

absl::Status SqlStore::SetPassword(int64_t user_id, const std::string& hash,
                                   const std::string& kept_token, const AuditRecord& audit) {
  return Change(audit, [&](soci::session& session) -> absl::Status {
    if (Execute(session, "UPDATE users SET password_hash = :hash WHERE id = :id",
                {hash, user_id}) == 0) {
      return NoSuchUser(user_id);
    }
    Execute(session, "DELETE FROM credentials WHERE user_id = :id AND sign_in = 1 AND id <> :kept",
            {user_id, kept_token});
    return absl::OkStatus();
  });
}

absl::Status SqlStore::RehashPassword(int64_t user_id, const std::string& hash) {
  return database_->Write([&](soci::session& session) -> absl::Status {
    Execute(session, "UPDATE users SET password_hash = :hash WHERE id = :id", {hash, user_id});
    return absl::OkStatus();
  });
}

}  // namespace homeport
