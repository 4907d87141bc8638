#include "coordinator/store/sqlite_rows.h"

#include <functional>
#include <stdexcept>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

namespace homeport {
namespace {

void Bind(soci::statement& statement, const SqlValues& values) {
  for (const SqlValue& value : values) {
    if (value.is_text) {
      statement.exchange(soci::use(value.text));
    } else {
      statement.exchange(soci::use(value.number));
    }
  }
}

// Runs a query; `add_columns` names where columns go, `on_row` hears of each row.
void Query(soci::session& session, const std::string& sql, const SqlValues& values,
           const std::function<void(soci::statement&)>& add_columns,
           const std::function<void()>& on_row) {
  soci::statement statement(session);
  add_columns(statement);
  Bind(statement, values);
  statement.alloc();
  statement.prepare(sql);
  statement.define_and_bind();
  statement.execute();
  while (statement.fetch()) on_row();
}

absl::Time ToTime(long long column) {
  return column == 0 ? absl::InfinitePast() : absl::FromUnixMicros(column);
}

// What was written in base64. Something else is damage that quick_check cannot see.
std::string FromBase64(const std::string& column) {
  std::string bytes;
  if (!absl::Base64Unescape(column, &bytes)) throw std::runtime_error("a column is not base64");
  return bytes;
}

CredentialKind ToCredentialKind(const std::string& column) {
  for (const CredentialKind kind :
       {CredentialKind::kUser, CredentialKind::kWorkspace, CredentialKind::kProxy}) {
    if (column == CredentialKindColumn(kind)) return kind;
  }
  throw std::runtime_error("a credential has an unknown kind");
}

BackendPin ToBackendPin(const std::string& column) {
  for (const BackendPin pin : {BackendPin::kAuto, BackendPin::kEmbedded, BackendPin::kOpenSsh}) {
    if (column == BackendPinColumn(pin)) return pin;
  }
  throw std::runtime_error("a workspace has an unknown pin");
}

std::vector<std::string> ToKeys(const std::string& column) {
  std::vector<std::string> blobs;
  for (const absl::string_view key : absl::StrSplit(column, ' ', absl::SkipEmpty())) {
    blobs.push_back(FromBase64(std::string(key)));
  }
  return blobs;
}

}  // namespace

int64_t TimeColumn(absl::Time time) {
  return time == absl::InfinitePast() ? 0 : absl::ToUnixMicros(time);
}

std::string BackendPinColumn(BackendPin pin) {
  switch (pin) {
    case BackendPin::kAuto:
      return "auto";
    case BackendPin::kEmbedded:
      return "embedded";
    case BackendPin::kOpenSsh:
      return "openssh";
  }
  return "";
}

std::string KeysColumn(const std::vector<std::string>& blobs) {
  return absl::StrJoin(blobs, " ", [](std::string* out, const std::string& blob) {
    absl::StrAppend(out, absl::Base64Escape(blob));
  });
}

std::string CredentialKindColumn(CredentialKind kind) {
  switch (kind) {
    case CredentialKind::kUser:
      return "user";
    case CredentialKind::kWorkspace:
      return "workspace";
    case CredentialKind::kProxy:
      return "proxy";
  }
  return "";
}

long long Execute(soci::session& session, const std::string& sql, const SqlValues& values) {
  soci::statement statement(session);
  Bind(statement, values);
  statement.alloc();
  statement.prepare(sql);
  statement.define_and_bind();
  statement.execute(true);
  return statement.get_affected_rows();
}

long long QueryNumber(soci::session& session, const std::string& sql, const SqlValues& values) {
  long long number = 0, result = 0;
  Query(
      session, sql, values, [&](soci::statement& st) { st.exchange(soci::into(number)); },
      [&] { result = number; });
  return result;
}

std::vector<UserRecord> SelectUsers(soci::session& session, const std::string& where,
                                    const SqlValues& values) {
  std::vector<UserRecord> found;
  long long id = 0, created = 0;
  int site_manager = 0;
  std::string name, email, public_key;
  Query(
      session,
      absl::StrCat("SELECT id, name, email, site_manager, public_key, create_time FROM users ",
                   where),
      values,
      [&](soci::statement& st) {
        st.exchange(soci::into(id));
        st.exchange(soci::into(name));
        st.exchange(soci::into(email));
        st.exchange(soci::into(site_manager));
        st.exchange(soci::into(public_key));
        st.exchange(soci::into(created));
      },
      [&] {
        found.push_back(
            {id, name, email, site_manager != 0, FromBase64(public_key), ToTime(created)});
      });
  return found;
}

std::vector<ProviderRecord> SelectProviders(soci::session& session, const std::string& where,
                                            const SqlValues& values) {
  std::vector<ProviderRecord> found;
  long long id = 0, created = 0;
  int key_socket = 0;
  std::string name, display_name;
  Query(
      session,
      absl::StrCat("SELECT id, name, display_name, create_time, key_socket FROM providers ", where),
      values,
      [&](soci::statement& st) {
        st.exchange(soci::into(id));
        st.exchange(soci::into(name));
        st.exchange(soci::into(display_name));
        st.exchange(soci::into(created));
        st.exchange(soci::into(key_socket));
      },
      [&] {
        found.push_back({id, name, display_name, ToTime(created), key_socket != 0});
      });
  return found;
}

std::vector<WorkspaceRecord> SelectWorkspaces(soci::session& session, const std::string& where,
                                              const SqlValues& values) {
  std::vector<WorkspaceRecord> found;
  long long id = 0, owner_id = 0, created = 0, seen = 0, keys_changed = 0;
  std::string name, owner, provider, pin, keys, old_keys;
  WorkspaceDetails details;
  Query(
      session,
      absl::StrCat("SELECT w.id, w.name, w.owner_id, u.name, p.name, w.create_time, "
                   "w.last_seen_time, w.image_uri, w.image_tag, w.image_digest, "
                   "w.gallery_item_url, w.gallery_service_url, w.base_path, w.pinned_backend, "
                   "w.host_keys, w.old_host_keys, w.host_key_change_time "
                   "FROM workspaces w JOIN users u ON u.id = w.owner_id "
                   "JOIN providers p ON p.id = w.provider_id ",
                   where),
      values,
      [&](soci::statement& st) {
        st.exchange(soci::into(id));
        st.exchange(soci::into(name));
        st.exchange(soci::into(owner_id));
        st.exchange(soci::into(owner));
        st.exchange(soci::into(provider));
        st.exchange(soci::into(created));
        st.exchange(soci::into(seen));
        for (std::string* text : {&details.image_uri, &details.image_tag, &details.image_digest,
                                  &details.gallery_item_url, &details.gallery_service_url,
                                  &details.base_path, &pin, &keys, &old_keys}) {
          st.exchange(soci::into(*text));
        }
        st.exchange(soci::into(keys_changed));
      },
      [&] {
        details.pinned_backend = ToBackendPin(pin);
        found.push_back({id,
                         name,
                         owner_id,
                         owner,
                         provider,
                         ToTime(created),
                         ToTime(seen),
                         details,
                         {ToKeys(keys), ToKeys(old_keys), ToTime(keys_changed)}});
      });
  return found;
}

std::vector<AuditRecord> SelectAudit(soci::session& session, const std::string& where,
                                     const SqlValues& values) {
  std::vector<AuditRecord> found;
  AuditRecord record;
  long long id = 0, time = 0;
  Query(
      session,
      absl::StrCat("SELECT id, time, actor, action, target, address, detail FROM audit ", where),
      values,
      [&](soci::statement& st) {
        st.exchange(soci::into(id));
        st.exchange(soci::into(time));
        for (std::string* text :
             {&record.actor, &record.action, &record.target, &record.address, &record.detail}) {
          st.exchange(soci::into(*text));
        }
      },
      [&] {
        record.id = id;
        record.time = ToTime(time);
        found.push_back(record);
      });
  return found;
}

std::vector<CredentialRecord> SelectCredentials(soci::session& session, const std::string& where,
                                                const SqlValues& values) {
  std::vector<CredentialRecord> found;
  long long user_id = 0, workspace_id = 0;
  std::string id, kind, hash;
  Query(
      session,
      absl::StrCat("SELECT id, kind, coalesce(user_id, 0), coalesce(workspace_id, 0), "
                   "secret_hash FROM credentials ",
                   where),
      values,
      [&](soci::statement& st) {
        st.exchange(soci::into(id));
        st.exchange(soci::into(kind));
        st.exchange(soci::into(user_id));
        st.exchange(soci::into(workspace_id));
        st.exchange(soci::into(hash));
      },
      [&] {
        found.push_back({{ToCredentialKind(kind), id, FromBase64(hash)}, user_id, workspace_id});
      });
  return found;
}

std::vector<KeyRecord> SelectKeys(soci::session& session, const std::string& table,
                                  const std::string& where, const SqlValues& values) {
  std::vector<KeyRecord> found;
  std::string public_key, sealed;
  Query(
      session, absl::StrCat("SELECT public_key, sealed_key FROM ", table, " ", where), values,
      [&](soci::statement& st) {
        st.exchange(soci::into(public_key));
        st.exchange(soci::into(sealed));
      },
      [&] {
        found.push_back({FromBase64(public_key), FromBase64(sealed)});
      });
  return found;
}

void InsertCredential(soci::session& session, const HashedCredential& credential, int64_t owner) {
  // nullif: no owner is NULL, for the foreign keys.
  const int64_t user_id = credential.kind == CredentialKind::kUser ? owner : 0;
  const int64_t workspace_id = credential.kind == CredentialKind::kWorkspace ? owner : 0;
  Execute(session,
          "INSERT INTO credentials (id, kind, user_id, workspace_id, secret_hash, create_time) "
          "VALUES (:id, :kind, nullif(:user, 0), nullif(:workspace, 0), :hash, :time)",
          {credential.id, CredentialKindColumn(credential.kind), user_id, workspace_id,
           absl::Base64Escape(credential.secret_hash), TimeColumn(absl::Now())});
}

}  // namespace homeport
