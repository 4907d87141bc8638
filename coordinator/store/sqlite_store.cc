#include "coordinator/store/sqlite_store.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "coordinator/store/sqlite_rows.h"
#include "coordinator/store/sqlite_schema.h"

namespace homeport {
namespace {

constexpr char kFrontDoor[] = "front-door";
constexpr char kFirstUser[] = "first-user";

absl::Status NotFound(absl::string_view what, absl::string_view name) {
  return absl::NotFoundError(absl::StrCat(what, " \"", name, "\" was not found"));
}

absl::Status AlreadyExists(absl::string_view what, absl::string_view name) {
  return absl::AlreadyExistsError(absl::StrCat("there is already a ", what, " \"", name, "\""));
}

// The first of the rows, or `otherwise`.
template <typename Record>
absl::StatusOr<Record> One(std::vector<Record> rows, absl::Status otherwise) {
  if (rows.empty()) return otherwise;
  return std::move(rows.front());
}

absl::StatusOr<UserRecord> InsertUser(soci::session& session, const NewUser& user) {
  if (!SelectUsers(session, "WHERE name = :name", {user.name}).empty()) {
    return AlreadyExists("user", user.name);
  }
  Execute(
      session,
      "INSERT INTO users (name, email, site_manager, public_key, sealed_key, create_time) "
      "VALUES (:name, :email, :site_manager, :public_key, :sealed_key, :time)",
      {user.name, user.email, user.site_manager ? 1 : 0, absl::Base64Escape(user.key.public_key),
       absl::Base64Escape(user.key.sealed), TimeColumn(absl::Now())});
  absl::StatusOr<UserRecord> made = One(SelectUsers(session, "WHERE name = :name", {user.name}),
                                        absl::InternalError("a new user is not there"));
  if (made.ok()) InsertCredential(session, user.token, made->id);
  return made;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteStore>> SqliteStore::Open(
    const std::string& path, SqliteDatabase::ErrorObserver on_error) {
  absl::StatusOr<std::unique_ptr<SqliteDatabase>> database =
      SqliteDatabase::Open(path, std::move(on_error));
  if (!database.ok()) return database.status();
  if (absl::Status status = MigrateSqlite(**database, SqliteSchemaSteps()); !status.ok()) {
    return status;
  }
  return std::unique_ptr<SqliteStore>(new SqliteStore(*std::move(database)));
}

absl::StatusOr<UserRecord> SqliteStore::CreateUser(const NewUser& user) {
  return database_->Transact([&](soci::session& session) { return InsertUser(session, user); });
}

absl::StatusOr<UserRecord> SqliteStore::GetUser(absl::string_view name) {
  return database_->Transact([&](soci::session& session) {
    return One(SelectUsers(session, "WHERE name = :name", {name}), NotFound("user", name));
  });
}

absl::StatusOr<UserRecord> SqliteStore::GetUserById(int64_t id) {
  return database_->Transact([&](soci::session& session) {
    return One(SelectUsers(session, "WHERE id = :id", {id}),
               NotFound("user number", absl::StrCat(id)));
  });
}

absl::StatusOr<UserRecord> SqliteStore::FindUserByKey(absl::string_view public_key_blob) {
  return database_->Transact([&](soci::session& session) {
    return One(
        SelectUsers(session, "WHERE public_key = :key", {absl::Base64Escape(public_key_blob)}),
        absl::NotFoundError("no user has this key"));
  });
}

absl::StatusOr<std::vector<UserRecord>> SqliteStore::ListUsers(absl::string_view after, int limit) {
  return database_->Transact([&](soci::session& session) {
    return absl::StatusOr<std::vector<UserRecord>>(
        SelectUsers(session, "WHERE name > :after ORDER BY name LIMIT :limit", {after, limit}));
  });
}

absl::Status SqliteStore::DeleteUser(absl::string_view name) {
  return database_->Transact([&](soci::session& session) -> absl::Status {
    absl::StatusOr<UserRecord> user =
        One(SelectUsers(session, "WHERE name = :name", {name}), NotFound("user", name));
    if (!user.ok()) return user.status();
    const long long workspaces =
        QueryNumber(session, "SELECT count(*) FROM workspaces WHERE owner_id = :id", {user->id});
    if (workspaces > 0) {
      return absl::FailedPreconditionError(
          absl::StrCat("user \"", name, "\" owns ", workspaces, " workspaces; delete them first"));
    }
    if (user->site_manager &&
        QueryNumber(session, "SELECT count(*) FROM users WHERE site_manager = 1", {}) == 1) {
      return absl::FailedPreconditionError(
          absl::StrCat("user \"", name, "\" is the last site manager; make another one first"));
    }
    Execute(session, "DELETE FROM users WHERE id = :id", {user->id});
    return absl::OkStatus();
  });
}

absl::StatusOr<KeyRecord> SqliteStore::GetUserKey(int64_t user_id) {
  return database_->Transact([&](soci::session& session) {
    return One(SelectKeys(session, "users", "WHERE id = :id", {user_id}),
               NotFound("user number", absl::StrCat(user_id)));
  });
}

absl::StatusOr<CredentialRecord> SqliteStore::FindCredential(absl::string_view id) {
  return database_->Transact([&](soci::session& session) {
    return One(SelectCredentials(session, "WHERE id = :id", {id}), NotFound("credential", id));
  });
}

absl::Status SqliteStore::SetProxyCredential(const HashedCredential& credential) {
  return database_->Transact([&](soci::session& session) -> absl::Status {
    Execute(session, "DELETE FROM credentials WHERE kind = 'proxy'", {});
    InsertCredential(session, credential, 0);
    return absl::OkStatus();
  });
}

absl::StatusOr<KeyRecord> SqliteStore::GetHostKey() {
  return database_->Transact([&](soci::session& session) {
    return One(SelectKeys(session, "host_keys", "WHERE purpose = :purpose", {kFrontDoor}),
               NotFound("host key", kFrontDoor));
  });
}

absl::Status SqliteStore::CreateHostKey(const KeyRecord& key) {
  return database_->Transact([&](soci::session& session) -> absl::Status {
    if (QueryNumber(session, "SELECT count(*) FROM host_keys WHERE purpose = :purpose",
                    {kFrontDoor}) > 0) {
      return AlreadyExists("host key", kFrontDoor);
    }
    Execute(session,
            "INSERT INTO host_keys (purpose, public_key, sealed_key) VALUES (:purpose, :public, "
            ":sealed)",
            {kFrontDoor, absl::Base64Escape(key.public_key), absl::Base64Escape(key.sealed)});
    return absl::OkStatus();
  });
}

absl::StatusOr<bool> SqliteStore::HadFirstUser() {
  return database_->Transact([&](soci::session& session) -> absl::StatusOr<bool> {
    return QueryNumber(session, "SELECT count(*) FROM milestones WHERE name = :name",
                       {kFirstUser}) > 0;
  });
}

absl::Status SqliteStore::CreateFirstUser(const NewUser& user) {
  return database_->Transact([&](soci::session& session) -> absl::Status {
    if (QueryNumber(session, "SELECT count(*) FROM milestones WHERE name = :name", {kFirstUser}) >
        0) {
      return absl::FailedPreconditionError("the first user was made before");
    }
    Execute(session, "INSERT INTO milestones (name, time) VALUES (:name, :time)",
            {kFirstUser, TimeColumn(absl::Now())});
    return InsertUser(session, user).status();
  });
}

absl::StatusOr<bool> SqliteStore::HasSealedKeys() {
  return database_->Transact([&](soci::session& session) -> absl::StatusOr<bool> {
    return QueryNumber(session,
                       "SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM host_keys)",
                       {}) > 0;
  });
}

}  // namespace homeport
