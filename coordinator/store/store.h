// The truth about people, providers, workspaces, keys and credentials.
//
// Every method is one transaction: once a change has returned OK, it survives a kill -9 and a power
// cut. Errors besides those named at the methods: RESOURCE_EXHAUSTED when the disk is full,
// UNAVAILABLE when the store cannot be reached now, DATA_LOSS when it is damaged, each with a
// sentence for people. After RESOURCE_EXHAUSTED and UNAVAILABLE the store works again as soon as
// the cause is gone.
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

  // People. ALREADY_EXISTS for a name that is taken.
  virtual absl::StatusOr<UserRecord> CreateUser(const NewUser& user) = 0;
  virtual absl::StatusOr<UserRecord> GetUser(absl::string_view name) = 0;
  virtual absl::StatusOr<UserRecord> GetUserById(int64_t id) = 0;
  // NOT_FOUND if nobody's assigned key is this one.
  virtual absl::StatusOr<UserRecord> FindUserByKey(absl::string_view public_key_blob) = 0;
  // By name, those after `after`, at most `limit`.
  virtual absl::StatusOr<std::vector<UserRecord>> ListUsers(absl::string_view after, int limit) = 0;
  // FAILED_PRECONDITION while the user owns workspaces or is the last site manager.
  virtual absl::Status DeleteUser(absl::string_view name) = 0;
  virtual absl::StatusOr<KeyRecord> GetUserKey(int64_t user_id) = 0;

  // Providers. ALREADY_EXISTS for a name that is taken.
  virtual absl::StatusOr<ProviderRecord> CreateProvider(const ProviderRecord& provider) = 0;
  virtual absl::StatusOr<ProviderRecord> GetProvider(absl::string_view name) = 0;
  virtual absl::StatusOr<std::vector<ProviderRecord>> ListProviders(absl::string_view after,
                                                                    int limit) = 0;
  // The record as it is then.
  virtual absl::StatusOr<ProviderRecord> UpdateProvider(absl::string_view name,
                                                        const ProviderChange& change) = 0;
  // FAILED_PRECONDITION while it has workspaces.
  virtual absl::Status DeleteProvider(absl::string_view name) = 0;

  // Workspaces; names are unique per owner. Creating: NOT_FOUND for owner or provider.
  virtual absl::StatusOr<WorkspaceRecord> CreateWorkspace(const NewWorkspace& workspace) = 0;
  virtual absl::StatusOr<WorkspaceRecord> GetWorkspace(absl::string_view owner,
                                                       absl::string_view name) = 0;
  virtual absl::StatusOr<WorkspaceRecord> GetWorkspaceById(int64_t id) = 0;
  // By owner and name, those after the pair (`after_owner`, `after_name`), at most `limit`. An
  // empty `owner` means everybody's.
  virtual absl::StatusOr<std::vector<WorkspaceRecord>> ListWorkspaces(absl::string_view owner,
                                                                      absl::string_view after_owner,
                                                                      absl::string_view after_name,
                                                                      int limit) = 0;
  // The record as it is then.
  virtual absl::StatusOr<WorkspaceRecord> UpdateWorkspace(absl::string_view owner,
                                                          absl::string_view name,
                                                          const WorkspaceChange& change) = 0;
  // Remembers the host keys of the workspace's OpenSSH.
  virtual absl::Status SetOpenSshHostKeys(int64_t workspace_id, const KnownHostKeys& keys) = 0;
  // The record as it was.
  virtual absl::StatusOr<WorkspaceRecord> DeleteWorkspace(absl::string_view owner,
                                                          absl::string_view name) = 0;
  // Says that the agents of these workspaces were there at `time`. Those that are gone are left
  // out: the answer is how many there are.
  virtual absl::StatusOr<int> TouchWorkspaces(const std::vector<int64_t>& ids, absl::Time time) = 0;

  // Credentials. NOT_FOUND for an unknown identifier.
  virtual absl::StatusOr<CredentialRecord> FindCredential(absl::string_view id) = 0;
  // Makes this the one credential of proxies.
  virtual absl::Status SetProxyCredential(const HashedCredential& credential) = 0;

  // The audit: lines are added, and never changed or deleted. `id` of what is added is ignored.
  virtual absl::Status AppendAudit(const AuditRecord& record) = 0;
  // The newest first, at most `limit`.
  virtual absl::StatusOr<std::vector<AuditRecord>> ListAudit(const AuditFilter& filter,
                                                             int limit) = 0;

  // The front door's host key. NOT_FOUND before the first start is complete.
  virtual absl::StatusOr<KeyRecord> GetHostKey() = 0;
  // ALREADY_EXISTS if there is one.
  virtual absl::Status CreateHostKey(const KeyRecord& key) = 0;

  // Whether CreateFirstUser was ever done.
  virtual absl::StatusOr<bool> HadFirstUser() = 0;
  // As CreateUser, once in the life of the store: later it is FAILED_PRECONDITION, even if that
  // user was deleted.
  virtual absl::Status CreateFirstUser(const NewUser& user) = 0;
  // Whether anything is here that KeyVault sealed.
  virtual absl::StatusOr<bool> HasSealedKeys() = 0;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_STORE_STORE_H_
