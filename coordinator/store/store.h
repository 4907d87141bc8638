// The truth about people, providers, workspaces, keys and credentials.
//
// Every method is one transaction: once a change has returned OK, it survives a kill -9 and a power
// cut. Changes take the line of the audit that says so, and both are written or neither: what
// cannot be recorded does not happen. Errors besides those named at the methods: RESOURCE_EXHAUSTED
// when the disk is full, UNAVAILABLE when the store cannot be reached now, DATA_LOSS when it is
// damaged, each with a sentence for people. After RESOURCE_EXHAUSTED and UNAVAILABLE the store
// works again as soon as the cause is gone.
//
// Threads: any. Methods block: call them on a worker pool, never on a gRPC or loop thread.
#ifndef HOMEPORT_COORDINATOR_STORE_STORE_H_
#define HOMEPORT_COORDINATOR_STORE_STORE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/store/records.h"

namespace homeport {

class Store {
 public:
  virtual ~Store() = default;

  // People. ALREADY_EXISTS for a name or a key that is taken.
  virtual absl::StatusOr<UserRecord> CreateUser(const NewUser& user, const AuditRecord& audit) = 0;
  virtual absl::StatusOr<UserRecord> GetUser(absl::string_view name) = 0;
  virtual absl::StatusOr<UserRecord> GetUserById(int64_t id) = 0;
  // By name, those after `after`, at most `limit`.
  virtual absl::StatusOr<std::vector<UserRecord>> ListUsers(absl::string_view after, int limit) = 0;
  // The record as it is then. FAILED_PRECONDITION for demoting or suspending the last active site
  // manager.
  virtual absl::StatusOr<UserRecord> UpdateUser(absl::string_view name, const UserChange& change,
                                                const AuditRecord& audit) = 0;
  // The record as it was. FAILED_PRECONDITION while the user owns workspaces or is the last active
  // site manager.
  virtual absl::StatusOr<UserRecord> DeleteUser(absl::string_view name,
                                                const AuditRecord& audit) = 0;

  // Passwords, hashed. Empty: the user has none.
  virtual absl::StatusOr<std::string> GetPasswordHash(int64_t user_id) = 0;
  // Also revokes what other sign-ins made: all sign-in tokens but `kept_token`.
  virtual absl::Status SetPassword(int64_t user_id, const std::string& hash,
                                   const std::string& kept_token, const AuditRecord& audit) = 0;
  // The same password hashed better.
  virtual absl::Status RehashPassword(int64_t user_id, const std::string& hash) = 0;

  // Keys. NOT_FOUND if nobody has this one.
  virtual absl::StatusOr<KeyHolder> FindKeyHolder(absl::string_view public_key_blob) = 0;
  // The assigned key pair.
  virtual absl::StatusOr<KeyRecord> GetUserKey(int64_t user_id) = 0;
  // Replaces the assigned key pair; the answer is the public half of the one before.
  virtual absl::StatusOr<std::string> SetUserKey(int64_t user_id, const KeyRecord& key,
                                                 const AuditRecord& audit) = 0;
  // Blobs of all the user's keys, the assigned one first.
  virtual absl::StatusOr<std::vector<std::string>> ListKeyBlobs(int64_t user_id) = 0;
  // Keys of one's own: id and times of `key` are ignored. ALREADY_EXISTS if anybody has the key,
  // RESOURCE_EXHAUSTED past kMostOwnKeys.
  static constexpr int kMostOwnKeys = 100;
  virtual absl::StatusOr<OwnKeyRecord> CreateOwnKey(const OwnKeyRecord& key,
                                                    const AuditRecord& audit) = 0;
  // The oldest first, those after `after_id`, at most `limit`.
  virtual absl::StatusOr<std::vector<OwnKeyRecord>> ListOwnKeys(int64_t user_id, int64_t after_id,
                                                                int limit) = 0;
  // The record as it was.
  virtual absl::StatusOr<OwnKeyRecord> DeleteOwnKey(int64_t user_id, int64_t key_id,
                                                    const AuditRecord& audit) = 0;

  // Tokens of people.
  virtual absl::StatusOr<CredentialRecord> CreateToken(int64_t user_id,
                                                       const HashedCredential& token,
                                                       const TokenDetails& details,
                                                       const AuditRecord& audit) = 0;
  // The newest first, those with a number below `before` (0: all), at most `limit`. Those that have
  // expired are left out.
  virtual absl::StatusOr<std::vector<CredentialRecord>> ListTokens(int64_t user_id, int64_t before,
                                                                   int limit) = 0;
  virtual absl::Status DeleteToken(int64_t user_id, absl::string_view token_id,
                                   const AuditRecord& audit) = 0;
  // Notes that it was used.
  virtual absl::Status TouchToken(absl::string_view token_id, absl::Time time,
                                  const std::string& address) = 0;

  // Signing in. A code is a credential of the kind kSignInCode; making one takes the older ones of
  // the user away.
  virtual absl::Status CreateSignInCode(int64_t user_id, const HashedCredential& code,
                                        absl::Time expire_time, const AuditRecord& audit) = 0;
  // Writes down a sign-in: makes its token, and takes the code away that it came with, if any.
  // NOT_FOUND if the code is not there any more, FAILED_PRECONDITION for a suspended user.
  virtual absl::Status SignIn(int64_t user_id, const std::string& code_id,
                              const HashedCredential& token, const TokenDetails& details,
                              const AuditRecord& audit) = 0;

  // Credentials of every kind. NOT_FOUND for an unknown identifier; those that have expired are
  // found, and it is for the caller to look.
  virtual absl::StatusOr<CredentialRecord> FindCredential(absl::string_view id) = 0;
  // Makes this the one credential of proxies.
  virtual absl::Status SetProxyCredential(const HashedCredential& credential) = 0;
  // Takes away what expired before `time`; the answer is how many.
  virtual absl::StatusOr<int> DeleteExpiredCredentials(absl::Time time) = 0;

  // Providers. ALREADY_EXISTS for a name that is taken.
  virtual absl::StatusOr<ProviderRecord> CreateProvider(const ProviderRecord& provider,
                                                        const AuditRecord& audit) = 0;
  virtual absl::StatusOr<ProviderRecord> GetProvider(absl::string_view name) = 0;
  virtual absl::StatusOr<std::vector<ProviderRecord>> ListProviders(absl::string_view after,
                                                                    int limit) = 0;
  // The record as it is then.
  virtual absl::StatusOr<ProviderRecord> UpdateProvider(absl::string_view name,
                                                        const ProviderChange& change,
                                                        const AuditRecord& audit) = 0;
  // FAILED_PRECONDITION while it has workspaces.
  virtual absl::Status DeleteProvider(absl::string_view name, const AuditRecord& audit) = 0;

  // Workspaces; names are unique per owner. Creating: NOT_FOUND for owner or provider.
  virtual absl::StatusOr<WorkspaceRecord> CreateWorkspace(const NewWorkspace& workspace,
                                                          const AuditRecord& audit) = 0;
  virtual absl::StatusOr<WorkspaceRecord> GetWorkspace(absl::string_view owner,
                                                       absl::string_view name) = 0;
  virtual absl::StatusOr<WorkspaceRecord> GetWorkspaceById(int64_t id) = 0;
  // By owner and name, those after the pair (`after_owner`, `after_name`), at most `limit`. An
  // empty `owner` means everybody's.
  virtual absl::StatusOr<std::vector<WorkspaceRecord>> ListWorkspaces(absl::string_view owner,
                                                                      absl::string_view after_owner,
                                                                      absl::string_view after_name,
                                                                      int limit) = 0;
  // Numbers of all of an owner's, and of all of a provider's.
  virtual absl::StatusOr<std::vector<int64_t>> ListWorkspaceIds(int64_t owner_id) = 0;
  virtual absl::StatusOr<std::vector<int64_t>> ListProviderWorkspaceIds(
      absl::string_view provider) = 0;
  // The record as it is then.
  virtual absl::StatusOr<WorkspaceRecord> UpdateWorkspace(absl::string_view owner,
                                                          absl::string_view name,
                                                          const WorkspaceChange& change,
                                                          const AuditRecord& audit) = 0;
  // Remembers the host keys of the workspace's OpenSSH; `audit` is null if they were not known.
  virtual absl::Status SetOpenSshHostKeys(int64_t workspace_id, const KnownHostKeys& keys,
                                          const AuditRecord* audit) = 0;
  // Makes another credential; those before it work until `old_until`, and not at all if that is
  // past. The record as it is then.
  virtual absl::StatusOr<WorkspaceRecord> RotateCredential(absl::string_view owner,
                                                           absl::string_view name,
                                                           const HashedCredential& credential,
                                                           absl::Time old_until,
                                                           const AuditRecord& audit) = 0;
  // Deletes all of its credentials, and unbinds its service account. The record as it is then.
  virtual absl::StatusOr<WorkspaceRecord> RevokeCredentials(absl::string_view owner,
                                                            absl::string_view name,
                                                            const AuditRecord& audit) = 0;
  // The record as it was.
  virtual absl::StatusOr<WorkspaceRecord> DeleteWorkspace(absl::string_view owner,
                                                          absl::string_view name,
                                                          const AuditRecord& audit) = 0;
  // Says that the agents of these workspaces were there at `time`. Those that are gone are left
  // out: the answer is how many there are.
  virtual absl::StatusOr<int> TouchWorkspaces(const std::vector<int64_t>& ids, absl::Time time) = 0;
  // Records that a session begins, and with it when the key was last used and the workspace last
  // connected to: `address` is an IP address.
  virtual absl::Status RecordSessionStart(const AuditRecord& audit,
                                          absl::string_view public_key_blob, int64_t workspace_id,
                                          const std::string& address) = 0;

  // What holds for the whole installation.
  virtual absl::StatusOr<SiteSettings> GetSettings() = 0;
  virtual absl::Status SetSettings(const SiteSettings& settings, const AuditRecord& audit) = 0;

  // The audit: lines are added, and never changed. `id` and `hash` of what is added are ignored.
  virtual absl::Status AppendAudit(const AuditRecord& record) = 0;
  // The newest first unless the filter says otherwise, at most `limit`.
  virtual absl::StatusOr<std::vector<AuditRecord>> ListAudit(const AuditFilter& filter,
                                                             int limit) = 0;
  // Computes the whole chain again. Others write meanwhile.
  virtual absl::StatusOr<AuditVerification> VerifyAudit() = 0;
  // Deletes what is older than `time` from the beginning of the chain, and records that; the answer
  // is how many lines, and nothing is recorded if there are none. `audit.detail` is filled in.
  virtual absl::StatusOr<int64_t> PurgeAudit(absl::Time time, const AuditRecord& audit) = 0;
  // The key that the chain's head is sealed with from now on. DATA_LOSS if it is sealed with
  // another or was changed; what is appended then is sealed anew, and VerifyAudit goes on telling.
  virtual absl::Status SetAuditKey(const std::string& key) = 0;

  // The front door's host key. NOT_FOUND before the first start is complete.
  virtual absl::StatusOr<KeyRecord> GetHostKey() = 0;
  // ALREADY_EXISTS if there is one.
  virtual absl::Status CreateHostKey(const KeyRecord& key) = 0;

  // The code that makes the first user. NOT_FOUND if there is none.
  virtual absl::StatusOr<HashedCredential> GetSetUpCode() = 0;
  // FAILED_PRECONDITION once the first user was made.
  virtual absl::Status SetSetUpCode(const HashedCredential& code) = 0;
  // Whether CreateFirstUser was ever done.
  virtual absl::StatusOr<bool> HadFirstUser() = 0;
  // As CreateUser, once in the life of the store: later it is FAILED_PRECONDITION, even if that
  // user was deleted. Takes the set-up code away.
  virtual absl::StatusOr<UserRecord> CreateFirstUser(const NewUser& user,
                                                     const AuditRecord& audit) = 0;
  // Whether anything is here that KeyVault sealed.
  virtual absl::StatusOr<bool> HasSealedKeys() = 0;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_STORE_STORE_H_
