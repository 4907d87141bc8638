#include "coordinator/store/sql_rows.h"

#include <stdexcept>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

namespace homeport {
namespace {

CredentialKind ToCredentialKind(const std::string& column) {
  for (const CredentialKind kind : {CredentialKind::kUser, CredentialKind::kWorkspace,
                                    CredentialKind::kProxy, CredentialKind::kSignInCode}) {
    if (column == CredentialKindColumn(kind)) return kind;
  }
  throw std::runtime_error("a credential has an unknown kind");
}

ProviderKind ToProviderKind(const std::string& column) {
  for (const ProviderKind kind : {ProviderKind::kKubernetes, ProviderKind::kOther}) {
    if (column == ProviderKindColumn(kind)) return kind;
  }
  throw std::runtime_error("a provider has an unknown kind");
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

std::string FromBase64(const std::string& column) {
  std::string bytes;
  if (!absl::Base64Unescape(column, &bytes)) throw std::runtime_error("a column is not base64");
  return bytes;
}

absl::Time ToTime(int64_t column) {
  return column == 0 ? absl::InfinitePast() : absl::FromUnixMicros(column);
}

int64_t TimeColumn(absl::Time time) {
  const bool infinite = time == absl::InfinitePast() || time == absl::InfiniteFuture();
  return infinite ? 0 : absl::ToUnixMicros(time);
}

std::string ProviderKindColumn(ProviderKind kind) {
  return kind == ProviderKind::kKubernetes ? "kubernetes" : "other";
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
    case CredentialKind::kSignInCode:
      return "sign-in-code";
    case CredentialKind::kSetUpCode:
      break;  // has a table of its own
  }
  return "";
}

std::vector<UserRecord> SelectUsers(soci::session& session, const std::string& where,
                                    const SqlValues& values) {
  std::vector<UserRecord> found;
  long long id = 0, created = 0, key_created = 0, key_used = 0, signed_in = 0;
  int site_manager = 0, auditor = 0, suspended = 0, has_password = 0;
  std::string name, email, public_key;
  Query(
      session,
      absl::StrCat("SELECT id, create_time, key_create_time, key_last_used_time, "
                   "last_sign_in_time, site_manager, auditor, suspended, "
                   "CASE WHEN password_hash = '' THEN 0 ELSE 1 END, name, email, public_key "
                   "FROM users ",
                   where),
      values,
      [&](soci::statement& st) {
        for (long long* number : {&id, &created, &key_created, &key_used, &signed_in}) {
          st.exchange(soci::into(*number));
        }
        for (int* flag : {&site_manager, &auditor, &suspended, &has_password}) {
          st.exchange(soci::into(*flag));
        }
        for (std::string* text : {&name, &email, &public_key}) st.exchange(soci::into(*text));
      },
      [&] {
        found.push_back({id, name, email, site_manager != 0, auditor != 0, suspended != 0,
                         FromBase64(public_key), ToTime(created), ToTime(key_created),
                         ToTime(key_used), has_password != 0, ToTime(signed_in)});
      });
  return found;
}

std::vector<OwnKeyRecord> SelectOwnKeys(soci::session& session, const std::string& where,
                                        const SqlValues& values) {
  std::vector<OwnKeyRecord> found;
  long long id = 0, user_id = 0, created = 0, used = 0;
  std::string name, public_key;
  Query(
      session,
      absl::StrCat(
          "SELECT id, user_id, create_time, last_used_time, name, public_key FROM own_keys ",
          where),
      values,
      [&](soci::statement& st) {
        for (long long* number : {&id, &user_id, &created, &used}) {
          st.exchange(soci::into(*number));
        }
        for (std::string* text : {&name, &public_key}) st.exchange(soci::into(*text));
      },
      [&] {
        found.push_back({id, user_id, name, FromBase64(public_key), ToTime(created), ToTime(used)});
      });
  return found;
}

std::vector<ProviderRecord> SelectProviders(soci::session& session, const std::string& where,
                                            const SqlValues& values) {
  std::vector<ProviderRecord> found;
  long long id = 0, created = 0, workspaces = 0;
  int connect = 0, ports = 0, files = 0, agent = 0, x11 = 0, key_socket = 0;
  std::string name, display_name, kind, name_space;
  Query(
      session,
      absl::StrCat("SELECT p.id, p.create_time, "
                   "(SELECT count(*) FROM workspaces w WHERE w.provider_id = p.id), "
                   "p.external_connect, p.port_forwarding, p.file_transfer, p.agent_forwarding, "
                   "p.x11_forwarding, p.key_socket, p.name, p.display_name, p.kind, p.namespace "
                   "FROM providers p ",
                   where),
      values,
      [&](soci::statement& st) {
        for (long long* number : {&id, &created, &workspaces}) st.exchange(soci::into(*number));
        for (int* flag : {&connect, &ports, &files, &agent, &x11, &key_socket}) {
          st.exchange(soci::into(*flag));
        }
        for (std::string* text : {&name, &display_name, &kind, &name_space}) {
          st.exchange(soci::into(*text));
        }
      },
      [&] {
        found.push_back(
            {id,
             name,
             display_name,
             ToTime(created),
             {connect != 0, ports != 0, files != 0, agent != 0, x11 != 0, key_socket != 0},
             ToProviderKind(kind),
             name_space,
             static_cast<int>(workspaces)});
      });
  return found;
}

std::vector<WorkspaceRecord> SelectWorkspaces(soci::session& session, const std::string& where,
                                              const SqlValues& values) {
  std::vector<WorkspaceRecord> found;
  long long id = 0, owner_id = 0, created = 0, seen = 0, keys_changed = 0;
  long long cpu = 0, memory = 0, connected = 0, credential = 0;
  std::string name, owner, provider, pin, keys, old_keys, connected_from;
  WorkspaceDetails details;
  Query(
      session,
      absl::StrCat("SELECT w.id, w.name, w.owner_id, u.name, p.name, w.create_time, "
                   "w.last_seen_time, w.image_uri, w.image_tag, w.image_digest, "
                   "w.gallery_item_url, w.gallery_service_url, w.base_path, w.pinned_backend, "
                   "w.host_keys, w.old_host_keys, w.last_connection_address, w.service_account, "
                   "w.host_key_change_time, w.cpu_limit_millis, w.memory_limit_bytes, "
                   "w.last_connection_time, coalesce((SELECT max(c.create_time) FROM credentials c "
                   "WHERE c.workspace_id = w.id), 0) "
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
                                  &details.base_path, &pin, &keys, &old_keys, &connected_from,
                                  &details.service_account}) {
          st.exchange(soci::into(*text));
        }
        for (long long* number : {&keys_changed, &cpu, &memory, &connected, &credential}) {
          st.exchange(soci::into(*number));
        }
      },
      [&] {
        details.pinned_backend = ToBackendPin(pin);
        details.cpu_limit_millis = cpu;
        details.memory_limit_bytes = memory;
        found.push_back({id,
                         name,
                         owner_id,
                         owner,
                         provider,
                         ToTime(created),
                         ToTime(seen),
                         details,
                         {ToKeys(keys), ToKeys(old_keys), ToTime(keys_changed)},
                         ToTime(connected),
                         connected_from,
                         ToTime(credential)});
      });
  return found;
}

std::vector<AuditRecord> SelectAudit(soci::session& session, const std::string& where,
                                     const SqlValues& values) {
  std::vector<AuditRecord> found;
  AuditRecord record;
  long long id = 0, time = 0;
  std::string hash;
  Query(
      session,
      absl::StrCat("SELECT id, time, actor, action, target, address, detail, hash FROM audit ",
                   where),
      values,
      [&](soci::statement& st) {
        st.exchange(soci::into(id));
        st.exchange(soci::into(time));
        for (std::string* text : {&record.actor, &record.action, &record.target, &record.address,
                                  &record.detail, &hash}) {
          st.exchange(soci::into(*text));
        }
      },
      [&] {
        record.id = id;
        record.time = ToTime(time);
        record.hash = FromBase64(hash);
        found.push_back(record);
      });
  return found;
}

std::vector<CredentialRecord> SelectCredentials(soci::session& session, const std::string& where,
                                                const SqlValues& values) {
  std::vector<CredentialRecord> found;
  long long number = 0, user_id = 0, workspace_id = 0, created = 0, expires = 0, used = 0;
  int sign_in = 0, by_code = 0;
  std::string id, kind, hash, display_name, role, address;
  Query(
      session,
      absl::StrCat(
          "SELECT number, coalesce(user_id, 0), coalesce(workspace_id, 0), create_time, "
          "expire_time, last_used_time, sign_in, by_code, id, kind, secret_hash, display_name, "
          "role, last_used_address FROM credentials ",
          where),
      values,
      [&](soci::statement& st) {
        for (long long* column : {&number, &user_id, &workspace_id, &created, &expires, &used}) {
          st.exchange(soci::into(*column));
        }
        st.exchange(soci::into(sign_in));
        st.exchange(soci::into(by_code));
        for (std::string* text : {&id, &kind, &hash, &display_name, &role, &address}) {
          st.exchange(soci::into(*text));
        }
      },
      [&] {
        const absl::Time end = expires == 0 ? absl::InfiniteFuture() : ToTime(expires);
        found.push_back({{ToCredentialKind(kind), id, FromBase64(hash)},
                         user_id,
                         workspace_id,
                         ToTime(created),
                         {display_name, role, end, sign_in != 0, by_code != 0},
                         ToTime(used),
                         address,
                         number});
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

void InsertCredential(soci::session& session, const HashedCredential& credential, int64_t owner,
                      const TokenDetails& details) {
  // nullif: no owner is NULL, for the foreign keys.
  const bool of_workspace = credential.kind == CredentialKind::kWorkspace;
  const bool of_user =
      credential.kind == CredentialKind::kUser || credential.kind == CredentialKind::kSignInCode;
  Execute(session,
          "INSERT INTO credentials (id, kind, user_id, workspace_id, secret_hash, create_time, "
          "display_name, role, expire_time, sign_in, by_code) VALUES (:id, :kind, "
          "nullif(CAST(:user AS BIGINT), 0), nullif(CAST(:workspace AS BIGINT), 0), :hash, :time, "
          ":display, :role, :expire, :sign_in, :by_code)",
          {credential.id, CredentialKindColumn(credential.kind), of_user ? owner : 0,
           of_workspace ? owner : 0, absl::Base64Escape(credential.secret_hash),
           TimeColumn(absl::Now()), details.display_name, details.role,
           TimeColumn(details.expire_time), details.sign_in ? 1 : 0, details.by_code ? 1 : 0});
}

}  // namespace homeport
