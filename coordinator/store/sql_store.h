// Store over a SQL database; the SQL is the same for all of them.
//
// Threads: as Store.
#ifndef HOMEPORT_COORDINATOR_STORE_SQL_STORE_H_
#define HOMEPORT_COORDINATOR_STORE_SQL_STORE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "coordinator/store/sql_database.h"
#include "coordinator/store/store.h"

namespace homeport {

class SqlStore final : public Store {
 public:
  // Brings the schema up to date. DATA_LOSS as Migrate (schema.h) says.
  static absl::StatusOr<std::unique_ptr<SqlStore>> Open(std::unique_ptr<SqlDatabase> database);

  // For what is the store's business and not a Store's: moving it, and replicas' soft state.
  SqlDatabase& database() { return *database_; }

  absl::StatusOr<UserRecord> CreateUser(const NewUser& user, const AuditRecord& audit) override;
  absl::StatusOr<UserRecord> GetUser(absl::string_view name) override;
  absl::StatusOr<UserRecord> GetUserById(int64_t id) override;
  absl::StatusOr<std::vector<UserRecord>> ListUsers(absl::string_view after, int limit) override;
  absl::StatusOr<UserRecord> UpdateUser(absl::string_view name, const UserChange& change,
                                        const AuditRecord& audit) override;
  absl::StatusOr<UserRecord> DeleteUser(absl::string_view name, const AuditRecord& audit) override;
  absl::StatusOr<std::string> GetPasswordHash(int64_t user_id) override;
  absl::Status SetPassword(int64_t user_id, const std::string& hash, const std::string& kept_token,
                           const AuditRecord& audit) override;
  absl::Status RehashPassword(int64_t user_id, const std::string& hash) override;
  absl::StatusOr<KeyHolder> FindKeyHolder(absl::string_view public_key_blob) override;
  absl::StatusOr<KeyRecord> GetUserKey(int64_t user_id) override;
  absl::StatusOr<std::string> SetUserKey(int64_t user_id, const KeyRecord& key,
                                         const AuditRecord& audit) override;
  absl::StatusOr<std::vector<std::string>> ListKeyBlobs(int64_t user_id) override;
  absl::StatusOr<OwnKeyRecord> CreateOwnKey(const OwnKeyRecord& key,
                                            const AuditRecord& audit) override;
  absl::StatusOr<std::vector<OwnKeyRecord>> ListOwnKeys(int64_t user_id, int64_t after_id,
                                                        int limit) override;
  absl::StatusOr<OwnKeyRecord> DeleteOwnKey(int64_t user_id, int64_t key_id,
                                            const AuditRecord& audit) override;
  absl::StatusOr<CredentialRecord> CreateToken(int64_t user_id, const HashedCredential& token,
                                               const TokenDetails& details,
                                               const AuditRecord& audit) override;
  absl::StatusOr<std::vector<CredentialRecord>> ListTokens(int64_t user_id, int64_t before,
                                                           int limit) override;
  absl::Status DeleteToken(int64_t user_id, absl::string_view token_id,
                           const AuditRecord& audit) override;
  absl::Status TouchToken(absl::string_view token_id, absl::Time time,
                          const std::string& address) override;
  absl::Status CreateSignInCode(int64_t user_id, const HashedCredential& code,
                                absl::Time expire_time, const AuditRecord& audit) override;
  absl::Status SignIn(int64_t user_id, const std::string& code_id, const HashedCredential& token,
                      const TokenDetails& details, const AuditRecord& audit) override;
  absl::StatusOr<CredentialRecord> FindCredential(absl::string_view id) override;
  absl::Status SetProxyCredential(const HashedCredential& credential) override;
  absl::StatusOr<int> DeleteExpiredCredentials(absl::Time time) override;
  absl::StatusOr<ProviderRecord> CreateProvider(const ProviderRecord& provider,
                                                const AuditRecord& audit) override;
  absl::StatusOr<ProviderRecord> GetProvider(absl::string_view name) override;
  absl::StatusOr<std::vector<ProviderRecord>> ListProviders(absl::string_view after,
                                                            int limit) override;
  absl::StatusOr<ProviderRecord> UpdateProvider(absl::string_view name,
                                                const ProviderChange& change,
                                                const AuditRecord& audit) override;
  absl::Status DeleteProvider(absl::string_view name, const AuditRecord& audit) override;
  absl::StatusOr<WorkspaceRecord> CreateWorkspace(const NewWorkspace& workspace,
                                                  const AuditRecord& audit) override;
  absl::StatusOr<WorkspaceRecord> GetWorkspace(absl::string_view owner,
                                               absl::string_view name) override;
  absl::StatusOr<WorkspaceRecord> GetWorkspaceById(int64_t id) override;
  absl::StatusOr<std::vector<WorkspaceRecord>> ListWorkspaces(absl::string_view owner,
                                                              absl::string_view after_owner,
                                                              absl::string_view after_name,
                                                              int limit) override;
  absl::StatusOr<std::vector<int64_t>> ListWorkspaceIds(int64_t owner_id) override;
  absl::StatusOr<std::vector<int64_t>> ListProviderWorkspaceIds(
      absl::string_view provider) override;
  absl::StatusOr<WorkspaceRecord> UpdateWorkspace(absl::string_view owner, absl::string_view name,
                                                  const WorkspaceChange& change,
                                                  const AuditRecord& audit) override;
  absl::Status SetOpenSshHostKeys(int64_t workspace_id, const KnownHostKeys& keys,
                                  const AuditRecord* audit) override;
  absl::StatusOr<WorkspaceRecord> RotateCredential(absl::string_view owner, absl::string_view name,
                                                   const HashedCredential& credential,
                                                   absl::Time old_until,
                                                   const AuditRecord& audit) override;
  absl::StatusOr<WorkspaceRecord> RevokeCredentials(absl::string_view owner, absl::string_view name,
                                                    const AuditRecord& audit) override;
  absl::StatusOr<WorkspaceRecord> DeleteWorkspace(absl::string_view owner, absl::string_view name,
                                                  const AuditRecord& audit) override;
  absl::StatusOr<int> TouchWorkspaces(const std::vector<int64_t>& ids, absl::Time time) override;
  absl::Status RecordSessionStart(const AuditRecord& audit, absl::string_view public_key_blob,
                                  int64_t workspace_id, const std::string& address) override;
  absl::StatusOr<SiteSettings> GetSettings() override;
  absl::Status SetSettings(const SiteSettings& settings, const AuditRecord& audit) override;
  absl::Status AppendAudit(const AuditRecord& record) override;
  absl::StatusOr<std::vector<AuditRecord>> ListAudit(const AuditFilter& filter, int limit) override;
  absl::StatusOr<AuditVerification> VerifyAudit() override;
  absl::StatusOr<int64_t> PurgeAudit(absl::Time time, const AuditRecord& audit) override;
  absl::Status SetAuditKey(const std::string& key) override;
  absl::StatusOr<KeyRecord> GetHostKey() override;
  absl::Status CreateHostKey(const KeyRecord& key) override;
  absl::StatusOr<HashedCredential> GetSetUpCode() override;
  absl::Status SetSetUpCode(const HashedCredential& code) override;
  absl::StatusOr<bool> HadFirstUser() override;
  absl::StatusOr<UserRecord> CreateFirstUser(const NewUser& user,
                                             const AuditRecord& audit) override;
  absl::StatusOr<bool> HasSealedKeys() override;

 private:
  explicit SqlStore(std::unique_ptr<SqlDatabase> database) : database_(std::move(database)) {}

  // Runs `body(session)` in a transaction and, if it returns OK, records it there too.
  template <typename Body>
  auto Change(const AuditRecord& audit, Body body) {
    return database_->Write([&](soci::session& session) {
      auto result = body(session);
      if (result.ok()) WriteAudit(session, audit);
      return result;
    });
  }
  void WriteAudit(soci::session& session, const AuditRecord& record);
  // Inserts a user with a token; ALREADY_EXISTS as CreateUser says.
  static absl::StatusOr<UserRecord> InsertUser(soci::session& session, const NewUser& user);

  std::string AuditKey() const ABSL_LOCKS_EXCLUDED(mutex_);

  const std::unique_ptr<SqlDatabase> database_;
  mutable absl::Mutex mutex_;
  std::string audit_key_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_STORE_SQL_STORE_H_
