// Store over one SQLite file.
//
// Threads: as Store.
#ifndef HOMEPORT_COORDINATOR_STORE_SQLITE_STORE_H_
#define HOMEPORT_COORDINATOR_STORE_SQLITE_STORE_H_

#include <memory>
#include <string>
#include <vector>

#include "coordinator/store/sqlite_database.h"
#include "coordinator/store/store.h"

namespace homeport {

class SqliteStore final : public Store {
 public:
  // Opens or makes the file and brings its schema up to date. DATA_LOSS as
  // SqliteDatabase::Open and MigrateSqlite say.
  static absl::StatusOr<std::unique_ptr<SqliteStore>> Open(
      const std::string& path, SqliteDatabase::ErrorObserver on_error = nullptr);

  absl::StatusOr<UserRecord> CreateUser(const NewUser& user) override;
  absl::StatusOr<UserRecord> GetUser(absl::string_view name) override;
  absl::StatusOr<UserRecord> GetUserById(int64_t id) override;
  absl::StatusOr<UserRecord> FindUserByKey(absl::string_view public_key_blob) override;
  absl::StatusOr<std::vector<UserRecord>> ListUsers(absl::string_view after, int limit) override;
  absl::Status DeleteUser(absl::string_view name) override;
  absl::StatusOr<KeyRecord> GetUserKey(int64_t user_id) override;

  absl::StatusOr<ProviderRecord> CreateProvider(const ProviderRecord& provider) override;
  absl::StatusOr<ProviderRecord> GetProvider(absl::string_view name) override;
  absl::StatusOr<std::vector<ProviderRecord>> ListProviders(absl::string_view after,
                                                            int limit) override;
  absl::StatusOr<ProviderRecord> UpdateProvider(absl::string_view name,
                                                const ProviderChange& change) override;
  absl::Status DeleteProvider(absl::string_view name) override;

  absl::StatusOr<WorkspaceRecord> CreateWorkspace(const NewWorkspace& workspace) override;
  absl::StatusOr<WorkspaceRecord> GetWorkspace(absl::string_view owner,
                                               absl::string_view name) override;
  absl::StatusOr<WorkspaceRecord> GetWorkspaceById(int64_t id) override;
  absl::StatusOr<std::vector<WorkspaceRecord>> ListWorkspaces(absl::string_view owner,
                                                              absl::string_view after_owner,
                                                              absl::string_view after_name,
                                                              int limit) override;
  absl::StatusOr<WorkspaceRecord> UpdateWorkspace(absl::string_view owner, absl::string_view name,
                                                  const WorkspaceChange& change) override;
  absl::Status SetOpenSshHostKeys(int64_t workspace_id, const KnownHostKeys& keys) override;
  absl::StatusOr<WorkspaceRecord> DeleteWorkspace(absl::string_view owner,
                                                  absl::string_view name) override;
  absl::StatusOr<int> TouchWorkspaces(const std::vector<int64_t>& ids, absl::Time time) override;

  absl::StatusOr<CredentialRecord> FindCredential(absl::string_view id) override;
  absl::Status SetProxyCredential(const HashedCredential& credential) override;

  absl::Status AppendAudit(const AuditRecord& record) override;
  absl::StatusOr<std::vector<AuditRecord>> ListAudit(const AuditFilter& filter, int limit) override;

  absl::StatusOr<KeyRecord> GetHostKey() override;
  absl::Status CreateHostKey(const KeyRecord& key) override;

  absl::StatusOr<bool> HadFirstUser() override;
  absl::Status CreateFirstUser(const NewUser& user) override;
  absl::StatusOr<bool> HasSealedKeys() override;

 private:
  explicit SqliteStore(std::unique_ptr<SqliteDatabase> database) : database_(std::move(database)) {}

  const std::unique_ptr<SqliteDatabase> database_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_STORE_SQLITE_STORE_H_
