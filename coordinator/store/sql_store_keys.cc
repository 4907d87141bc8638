// SqlStore's keys of people: the assigned one and those that they brought along.
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "coordinator/store/sql_rows.h"
#include "coordinator/store/sql_store.h"

namespace homeport {
namespace {

absl::Status NoSuchUser(int64_t id) {
  return absl::NotFoundError(absl::StrCat("user number ", id, " was not found"));
}

// Whether anybody has the key; `key` is in base64.
bool IsTaken(soci::session& session, const std::string& key) {
  return QueryNumber(session,
                     "SELECT (SELECT count(*) FROM users WHERE public_key = :key) + "
                     "(SELECT count(*) FROM own_keys WHERE public_key = :own)",
                     {key, key}) > 0;
}

}  // namespace

absl::StatusOr<KeyHolder> SqlStore::FindKeyHolder(absl::string_view public_key_blob) {
  return database_->Read([&](soci::session& session) -> absl::StatusOr<KeyHolder> {
    const std::string key = absl::Base64Escape(public_key_blob);
    KeyHolder holder;
    std::vector<UserRecord> users = SelectUsers(session, "WHERE public_key = :key", {key});
    if (users.empty()) {
      const std::vector<OwnKeyRecord> keys =
          SelectOwnKeys(session, "WHERE public_key = :key", {key});
      if (keys.empty()) return absl::NotFoundError("no user has this key");
      holder.own_key_id = keys.front().id;
      holder.own_key_name = keys.front().name;
      users = SelectUsers(session, "WHERE id = :id", {keys.front().user_id});
      if (users.empty()) return NoSuchUser(keys.front().user_id);
    }
    holder.user = std::move(users.front());
    return holder;
  });
}

absl::StatusOr<KeyRecord> SqlStore::GetUserKey(int64_t user_id) {
  return database_->Read([&](soci::session& session) -> absl::StatusOr<KeyRecord> {
    std::vector<KeyRecord> keys = SelectKeys(session, "users", "WHERE id = :id", {user_id});
    if (keys.empty()) return NoSuchUser(user_id);
    return std::move(keys.front());
  });
}

absl::StatusOr<std::string> SqlStore::SetUserKey(int64_t user_id, const KeyRecord& key,
                                                 const AuditRecord& audit) {
  return Change(audit, [&](soci::session& session) -> absl::StatusOr<std::string> {
    const std::vector<KeyRecord> before = SelectKeys(session, "users", "WHERE id = :id", {user_id});
    if (before.empty()) return NoSuchUser(user_id);
    const std::string blob = absl::Base64Escape(key.public_key);
    if (IsTaken(session, blob)) return absl::AlreadyExistsError("somebody has this key already");
    Execute(session,
            "UPDATE users SET public_key = :public, sealed_key = :sealed, key_create_time = :time, "
            "key_last_used_time = 0 WHERE id = :id",
            {blob, absl::Base64Escape(key.sealed), TimeColumn(absl::Now()), user_id});
    return before.front().public_key;
  });
}

absl::StatusOr<std::vector<std::string>> SqlStore::ListKeyBlobs(int64_t user_id) {
  return database_->Read([&](soci::session& session) -> absl::StatusOr<std::vector<std::string>> {
    const std::vector<KeyRecord> assigned =
        SelectKeys(session, "users", "WHERE id = :id", {user_id});
    if (assigned.empty()) return NoSuchUser(user_id);
    std::vector<std::string> blobs = {assigned.front().public_key};
    for (OwnKeyRecord& own : SelectOwnKeys(session, "WHERE user_id = :id ORDER BY id", {user_id})) {
      blobs.push_back(std::move(own.public_key));
    }
    return blobs;
  });
}

absl::StatusOr<OwnKeyRecord> SqlStore::CreateOwnKey(const OwnKeyRecord& key,
                                                    const AuditRecord& audit) {
  return Change(audit, [&](soci::session& session) -> absl::StatusOr<OwnKeyRecord> {
    if (SelectUsers(session, "WHERE id = :id", {key.user_id}).empty()) {
      return NoSuchUser(key.user_id);
    }
    const std::string blob = absl::Base64Escape(key.public_key);
    if (IsTaken(session, blob)) return absl::AlreadyExistsError("somebody has this key already");
    if (QueryNumber(session, "SELECT count(*) FROM own_keys WHERE user_id = :id", {key.user_id}) >=
        kMostOwnKeys) {
      return absl::ResourceExhaustedError(
          absl::StrCat("there are already ", kMostOwnKeys, " keys; remove one first"));
    }
    Execute(session,
            "INSERT INTO own_keys (user_id, name, public_key, create_time) VALUES (:user, :name, "
            ":key, :time)",
            {key.user_id, key.name, blob, TimeColumn(absl::Now())});
    return std::move(SelectOwnKeys(session, "WHERE public_key = :key", {blob}).at(0));
  });
}

absl::StatusOr<std::vector<OwnKeyRecord>> SqlStore::ListOwnKeys(int64_t user_id, int64_t after_id,
                                                                int limit) {
  return database_->Read([&](soci::session& session) {
    return absl::StatusOr<std::vector<OwnKeyRecord>>(
        SelectOwnKeys(session, "WHERE user_id = :user AND id > :after ORDER BY id LIMIT :limit",
                      {user_id, after_id, limit}));
  });
}

absl::StatusOr<OwnKeyRecord> SqlStore::DeleteOwnKey(int64_t user_id, int64_t key_id,
                                                    const AuditRecord& audit) {
  return Change(audit, [&](soci::session& session) -> absl::StatusOr<OwnKeyRecord> {
    std::vector<OwnKeyRecord> rows =
        SelectOwnKeys(session, "WHERE user_id = :user AND id = :id", {user_id, key_id});
    if (rows.empty()) return absl::NotFoundError(absl::StrCat("there is no key ", key_id));
    Execute(session, "DELETE FROM own_keys WHERE id = :id", {key_id});
    return std::move(rows.front());
  });
}

absl::Status SqlStore::RecordSessionStart(const AuditRecord& audit,
                                          absl::string_view public_key_blob, int64_t workspace_id,
                                          const std::string& address) {
  return Change(audit, [&](soci::session& session) -> absl::Status {
    const std::string key = absl::Base64Escape(public_key_blob);
    const int64_t time = TimeColumn(audit.time);
    if (Execute(session, "UPDATE users SET key_last_used_time = :time WHERE public_key = :key",
                {time, key}) == 0) {
      Execute(session, "UPDATE own_keys SET last_used_time = :time WHERE public_key = :key",
              {time, key});
    }
    Execute(session,
            "UPDATE workspaces SET last_connection_time = :time, last_connection_address = "
            ":address WHERE id = :id",
            {time, address, workspace_id});
    return absl::OkStatus();
  });
}

}  // namespace homeport
