#include "coordinator/store/sqlite_schema.h"

namespace homeport {

// Binary values are stored in base64, times as microseconds since 1970 (0: never). AUTOINCREMENT:
// the number of something deleted must not come back, because registries in memory go by it.
const SchemaSteps& SqliteSchemaSteps() {
  static const auto* steps = new SchemaSteps{
      {1,
       1,
       {
           "CREATE TABLE schema_version (version INTEGER NOT NULL)",

           "CREATE TABLE users ("
           " id INTEGER PRIMARY KEY AUTOINCREMENT,"
           " name TEXT NOT NULL UNIQUE,"
           " email TEXT NOT NULL,"
           " site_manager INTEGER NOT NULL,"
           " public_key TEXT NOT NULL UNIQUE,"
           " sealed_key TEXT NOT NULL,"
           " create_time INTEGER NOT NULL)",

           "CREATE TABLE providers ("
           " id INTEGER PRIMARY KEY AUTOINCREMENT,"
           " name TEXT NOT NULL UNIQUE,"
           " display_name TEXT NOT NULL,"
           " create_time INTEGER NOT NULL)",

           "CREATE TABLE workspaces ("
           " id INTEGER PRIMARY KEY AUTOINCREMENT,"
           " owner_id INTEGER NOT NULL REFERENCES users (id),"
           " name TEXT NOT NULL,"
           " provider_id INTEGER NOT NULL REFERENCES providers (id),"
           " create_time INTEGER NOT NULL,"
           " last_seen_time INTEGER NOT NULL DEFAULT 0,"
           " UNIQUE (owner_id, name))",
           "CREATE INDEX workspaces_by_provider ON workspaces (provider_id)",

           "CREATE TABLE credentials ("
           " id TEXT PRIMARY KEY,"
           " kind TEXT NOT NULL CHECK (kind IN ('user', 'workspace', 'proxy')),"
           " user_id INTEGER REFERENCES users (id) ON DELETE CASCADE,"
           " workspace_id INTEGER REFERENCES workspaces (id) ON DELETE CASCADE,"
           " secret_hash TEXT NOT NULL,"
           " create_time INTEGER NOT NULL,"
           " CHECK ((kind = 'user') = (user_id IS NOT NULL)),"
           " CHECK ((kind = 'workspace') = (workspace_id IS NOT NULL)))",
           "CREATE INDEX credentials_by_user ON credentials (user_id)",
           "CREATE INDEX credentials_by_workspace ON credentials (workspace_id)",

           "CREATE TABLE host_keys ("
           " purpose TEXT PRIMARY KEY,"
           " public_key TEXT NOT NULL,"
           " sealed_key TEXT NOT NULL)",

           // Steps of the first start that are done for good.
           "CREATE TABLE milestones (name TEXT PRIMARY KEY, time INTEGER NOT NULL)",
       }},
      {2,
       2,
       {
           "ALTER TABLE providers ADD COLUMN key_socket INTEGER NOT NULL DEFAULT 1",

           "ALTER TABLE workspaces ADD COLUMN image_uri TEXT NOT NULL DEFAULT ''",
           "ALTER TABLE workspaces ADD COLUMN image_tag TEXT NOT NULL DEFAULT ''",
           "ALTER TABLE workspaces ADD COLUMN image_digest TEXT NOT NULL DEFAULT ''",
           "ALTER TABLE workspaces ADD COLUMN gallery_item_url TEXT NOT NULL DEFAULT ''",
           "ALTER TABLE workspaces ADD COLUMN gallery_service_url TEXT NOT NULL DEFAULT ''",
           "ALTER TABLE workspaces ADD COLUMN base_path TEXT NOT NULL DEFAULT ''",
           "ALTER TABLE workspaces ADD COLUMN pinned_backend TEXT NOT NULL DEFAULT 'auto'",
           // Of its OpenSSH: each key in base64, with spaces between them.
           "ALTER TABLE workspaces ADD COLUMN host_keys TEXT NOT NULL DEFAULT ''",
           "ALTER TABLE workspaces ADD COLUMN old_host_keys TEXT NOT NULL DEFAULT ''",
           "ALTER TABLE workspaces ADD COLUMN host_key_change_time INTEGER NOT NULL DEFAULT 0",

           "CREATE TABLE audit ("
           " id INTEGER PRIMARY KEY AUTOINCREMENT,"
           " time INTEGER NOT NULL,"
           " actor TEXT NOT NULL,"
           " action TEXT NOT NULL,"
           " target TEXT NOT NULL,"
           " address TEXT NOT NULL,"
           " detail TEXT NOT NULL)",
           "CREATE INDEX audit_by_target ON audit (target)",
           "CREATE INDEX audit_by_action ON audit (action)",
           "CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN"
           " SELECT RAISE(ABORT, 'the audit is never changed'); END",
           "CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit BEGIN"
           " SELECT RAISE(ABORT, 'the audit is never deleted'); END",
       }},
      {3,
       3,
       {
           "ALTER TABLE users ADD COLUMN auditor INTEGER NOT NULL DEFAULT 0",
           "ALTER TABLE users ADD COLUMN suspended INTEGER NOT NULL DEFAULT 0",
           "ALTER TABLE users ADD COLUMN password_hash TEXT NOT NULL DEFAULT ''",
           "ALTER TABLE users ADD COLUMN key_create_time INTEGER NOT NULL DEFAULT 0",
           "ALTER TABLE users ADD COLUMN key_last_used_time INTEGER NOT NULL DEFAULT 0",
           "ALTER TABLE users ADD COLUMN last_sign_in_time INTEGER NOT NULL DEFAULT 0",
           "UPDATE users SET key_create_time = create_time",

           "CREATE TABLE own_keys ("
           " id INTEGER PRIMARY KEY AUTOINCREMENT,"
           " user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,"
           " name TEXT NOT NULL,"
           " public_key TEXT NOT NULL UNIQUE,"
           " create_time INTEGER NOT NULL,"
           " last_used_time INTEGER NOT NULL DEFAULT 0)",
           "CREATE INDEX own_keys_by_user ON own_keys (user_id)",

           "ALTER TABLE providers ADD COLUMN external_connect INTEGER NOT NULL DEFAULT 1",
           "ALTER TABLE providers ADD COLUMN port_forwarding INTEGER NOT NULL DEFAULT 1",
           "ALTER TABLE providers ADD COLUMN file_transfer INTEGER NOT NULL DEFAULT 1",
           "ALTER TABLE providers ADD COLUMN agent_forwarding INTEGER NOT NULL DEFAULT 1",
           "ALTER TABLE providers ADD COLUMN x11_forwarding INTEGER NOT NULL DEFAULT 1",
           "ALTER TABLE providers ADD COLUMN kind TEXT NOT NULL DEFAULT 'kubernetes'",
           "ALTER TABLE providers ADD COLUMN namespace TEXT NOT NULL DEFAULT ''",

           "ALTER TABLE workspaces ADD COLUMN cpu_limit_millis INTEGER NOT NULL DEFAULT 0",
           "ALTER TABLE workspaces ADD COLUMN memory_limit_bytes INTEGER NOT NULL DEFAULT 0",
           "ALTER TABLE workspaces ADD COLUMN last_connection_time INTEGER NOT NULL DEFAULT 0",
           "ALTER TABLE workspaces ADD COLUMN last_connection_address TEXT NOT NULL DEFAULT ''",

           // As before, with more kinds and a number that grows. expire_time 0: never.
           "CREATE TABLE credentials_2 ("
           " number INTEGER PRIMARY KEY AUTOINCREMENT,"
           " id TEXT NOT NULL UNIQUE,"
           " kind TEXT NOT NULL CHECK (kind IN ('user', 'workspace', 'proxy', 'sign-in-code')),"
           " user_id INTEGER REFERENCES users (id) ON DELETE CASCADE,"
           " workspace_id INTEGER REFERENCES workspaces (id) ON DELETE CASCADE,"
           " secret_hash TEXT NOT NULL,"
           " create_time INTEGER NOT NULL,"
           " display_name TEXT NOT NULL DEFAULT '',"
           " role TEXT NOT NULL DEFAULT '',"
           " expire_time INTEGER NOT NULL DEFAULT 0,"
           " sign_in INTEGER NOT NULL DEFAULT 0,"
           " by_code INTEGER NOT NULL DEFAULT 0,"
           " last_used_time INTEGER NOT NULL DEFAULT 0,"
           " last_used_address TEXT NOT NULL DEFAULT '',"
           " CHECK ((kind IN ('user', 'sign-in-code')) = (user_id IS NOT NULL)),"
           " CHECK ((kind = 'workspace') = (workspace_id IS NOT NULL)))",
           "INSERT INTO credentials_2 (id, kind, user_id, workspace_id, secret_hash, create_time)"
           " SELECT id, kind, user_id, workspace_id, secret_hash, create_time FROM credentials"
           " ORDER BY create_time",
           "DROP TABLE credentials",
           "ALTER TABLE credentials_2 RENAME TO credentials",
           "CREATE INDEX credentials_by_user ON credentials (user_id)",
           "CREATE INDEX credentials_by_workspace ON credentials (workspace_id)",

           "CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL)",

           "CREATE TABLE set_up_code (id TEXT PRIMARY KEY, secret_hash TEXT NOT NULL)",

           // The chain (audit_chain.h). Lines from before it get their hashes when it begins.
           "ALTER TABLE audit ADD COLUMN hash TEXT NOT NULL DEFAULT ''",
           "CREATE INDEX audit_by_actor ON audit (actor)",
           "CREATE INDEX audit_by_time ON audit (time)",
           "CREATE TABLE audit_chain ("
           " one INTEGER PRIMARY KEY CHECK (one = 1),"
           " last_id INTEGER NOT NULL,"
           " last_hash TEXT NOT NULL,"
           " purged_id INTEGER NOT NULL,"
           " purged_hash TEXT NOT NULL,"
           " seal TEXT NOT NULL)",
           "DROP TRIGGER audit_is_not_changed",
           "CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit WHEN OLD.hash <> '' BEGIN"
           " SELECT RAISE(ABORT, 'the audit is never changed'); END",
           "DROP TRIGGER audit_is_not_deleted",
           "CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit"
           " WHEN OLD.id > coalesce((SELECT purged_id FROM audit_chain), 0) BEGIN"
           " SELECT RAISE(ABORT, 'the audit is never deleted, except by its age'); END",
       }},
      {4, 4, {"ALTER TABLE schema_version ADD COLUMN compatible_from INTEGER NOT NULL DEFAULT 0"}},
      {5, 4, {"ALTER TABLE workspaces ADD COLUMN service_account TEXT NOT NULL DEFAULT ''"}},
  };
  return *steps;
}

}  // namespace homeport
