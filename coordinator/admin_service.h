// AdminService: who calls, may they (coordinator/access.h), and who does the work.
//
// Threads: gRPC's. Outlives its server and the pools.
#ifndef HOMEPORT_COORDINATOR_ADMIN_SERVICE_H_
#define HOMEPORT_COORDINATOR_ADMIN_SERVICE_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/worker_pool.h"
#include "coordinator/audit_administration.h"
#include "coordinator/authenticator.h"
#include "coordinator/coordinator_metrics.h"
#include "coordinator/key_administration.h"
#include "coordinator/password_administration.h"
#include "coordinator/provider_administration.h"
#include "coordinator/rate_limit.h"
#include "coordinator/refusal_record.h"
#include "coordinator/session_administration.h"
#include "coordinator/session_watch.h"
#include "coordinator/settings_administration.h"
#include "coordinator/token_administration.h"
#include "coordinator/user_administration.h"
#include "coordinator/workspace_administration.h"
#include "proto/homeport/v1/admin.grpc.pb.h"

namespace homeport {

class AdminService final : public v1::AdminService::CallbackService {
 public:
  struct Parts {
    Store& store;
    const KeyVault& vault;
    WorkerPool& pool;          // for what is answered at once
    WorkerPool& change_pool;   // for what may take seconds
    WorkerPool& sign_in_pool;  // for hashing passwords
    Replicas& replicas;
    ChangeListener& changes;
    SessionRegistry& sessions;
    SignInLimits& limits;
    RefusalRecord& refusals;
    CoordinatorMetrics& metrics;
    std::string host_public_key;  // of the front door: `algorithm base64`
    std::string ssh_address;      // where people connect to, host:port; may be empty
  };
  explicit AdminService(const Parts& parts);

  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;

#define HOMEPORT_ADMIN_METHOD(method, Request, Response) \
  Reactor* method(Context* context, const v1::Request* request, v1::Response* response) override;
  // In admin_service_people.cc.
  HOMEPORT_ADMIN_METHOD(GetCaller, GetCallerRequest, Caller)
  HOMEPORT_ADMIN_METHOD(CreateUser, CreateUserRequest, User)
  HOMEPORT_ADMIN_METHOD(GetUser, GetUserRequest, User)
  HOMEPORT_ADMIN_METHOD(ListUsers, ListUsersRequest, ListUsersResponse)
  HOMEPORT_ADMIN_METHOD(UpdateUser, UpdateUserRequest, User)
  HOMEPORT_ADMIN_METHOD(DeleteUser, DeleteUserRequest, Effect)
  HOMEPORT_ADMIN_METHOD(SetPassword, SetPasswordRequest, SetPasswordResponse)
  HOMEPORT_ADMIN_METHOD(CreateSignInCode, CreateSignInCodeRequest, CreateSignInCodeResponse)
  HOMEPORT_ADMIN_METHOD(CreateToken, CreateTokenRequest, Token)
  HOMEPORT_ADMIN_METHOD(ListTokens, ListTokensRequest, ListTokensResponse)
  HOMEPORT_ADMIN_METHOD(DeleteToken, DeleteTokenRequest, DeleteTokenResponse)
  HOMEPORT_ADMIN_METHOD(RegenerateKey, RegenerateKeyRequest, User)
  HOMEPORT_ADMIN_METHOD(DownloadPrivateKey, DownloadPrivateKeyRequest, DownloadPrivateKeyResponse)
  HOMEPORT_ADMIN_METHOD(CreatePublicKey, CreatePublicKeyRequest, PublicKey)
  HOMEPORT_ADMIN_METHOD(ListPublicKeys, ListPublicKeysRequest, ListPublicKeysResponse)
  HOMEPORT_ADMIN_METHOD(DeletePublicKey, DeletePublicKeyRequest, PublicKey)
  // In admin_service_places.cc.
  HOMEPORT_ADMIN_METHOD(CreateProvider, CreateProviderRequest, Provider)
  HOMEPORT_ADMIN_METHOD(GetProvider, GetProviderRequest, Provider)
  HOMEPORT_ADMIN_METHOD(ListProviders, ListProvidersRequest, ListProvidersResponse)
  HOMEPORT_ADMIN_METHOD(UpdateProvider, UpdateProviderRequest, Provider)
  HOMEPORT_ADMIN_METHOD(DeleteProvider, DeleteProviderRequest, DeleteProviderResponse)
  HOMEPORT_ADMIN_METHOD(CreateWorkspace, CreateWorkspaceRequest, Workspace)
  HOMEPORT_ADMIN_METHOD(GetWorkspace, GetWorkspaceRequest, Workspace)
  HOMEPORT_ADMIN_METHOD(ListWorkspaces, ListWorkspacesRequest, ListWorkspacesResponse)
  HOMEPORT_ADMIN_METHOD(UpdateWorkspace, UpdateWorkspaceRequest, Workspace)
  HOMEPORT_ADMIN_METHOD(DeleteWorkspace, DeleteWorkspaceRequest, Effect)
  HOMEPORT_ADMIN_METHOD(RotateCredential, RotateCredentialRequest, Workspace)
  HOMEPORT_ADMIN_METHOD(RevokeCredential, RevokeCredentialRequest, Workspace)
  // In admin_service_sessions.cc.
  HOMEPORT_ADMIN_METHOD(ListSessions, ListSessionsRequest, ListSessionsResponse)
  HOMEPORT_ADMIN_METHOD(EndSessions, EndSessionsRequest, Effect)
  grpc::ServerWriteReactor<v1::SessionEvent>* WatchSessions(
      Context* context, const v1::WatchSessionsRequest* request) override;
  // In admin_service.cc.
  HOMEPORT_ADMIN_METHOD(ListReplicas, ListReplicasRequest, ListReplicasResponse)
  HOMEPORT_ADMIN_METHOD(GetFrontDoor, GetFrontDoorRequest, FrontDoor)
  HOMEPORT_ADMIN_METHOD(GetSettings, GetSettingsRequest, Settings)
  HOMEPORT_ADMIN_METHOD(UpdateSettings, UpdateSettingsRequest, Settings)
  HOMEPORT_ADMIN_METHOD(ListAuditEntries, ListAuditEntriesRequest, ListAuditEntriesResponse)
  HOMEPORT_ADMIN_METHOD(VerifyAudit, VerifyAuditRequest, VerifyAuditResponse)
#undef HOMEPORT_ADMIN_METHOD

  // Deletes what the audit need not keep any more. Blocks.
  void PurgeAudit(absl::Time now) { audit_.Purge(now); }
  // Ends watches whose caller may not look any more. Blocks.
  void RecheckWatches();
  // Ends all watches, and those that come later at once.
  void FinishAll(const absl::Status& status);

 private:
  // A watch, with what its caller showed.
  struct Watching {
    std::shared_ptr<SessionWatch> watch;  // shared with gRPC and with work under way
    std::string token;
    std::string address;
    std::string resource;
  };

  // A call: the method's name, and the resource that it is about.
  struct About {
    Context* context;
    const char* method;
    std::string resource;
  };
  using Work = std::function<absl::Status(const Caller& caller)>;

  WorkerPool& PoolFor(absl::string_view method);
  // Does the work on a pool if the caller may.
  Reactor* Run(About about, Work work);
  template <typename Part, typename Request, typename Response>
  Reactor* Call(About about, Part& part,
                absl::Status (Part::*work)(const Caller&, const Request&, Response&),
                const Request* request, Response* response) {
    return Run(std::move(about), [&part, work, request, response](const Caller& caller) {
      return (part.*work)(caller, *request, *response);
    });
  }
  // Whether the caller may; records it if not.
  absl::Status Admit(const Caller& caller, const std::string& method, const std::string& resource);
  // Whether who shows the token may watch now.
  absl::Status CheckWatch(const Watching& watching);
  // Has it written down on the pool, once a minute for each token.
  void NoteUse(const Caller& caller);

  Store& store_;
  WorkerPool& pool_;
  WorkerPool& change_pool_;
  WorkerPool& sign_in_pool_;
  RefusalRecord& refusals_;
  CoordinatorMetrics& metrics_;
  const std::string host_public_key_;
  const std::string ssh_address_;
  RateLimit noted_uses_;
  Authenticator authenticator_;
  UserAdministration users_;
  PasswordAdministration passwords_;
  TokenAdministration tokens_;
  KeyAdministration keys_;
  ProviderAdministration providers_;
  WorkspaceAdministration workspaces_;
  SessionAdministration session_administration_;
  SettingsAdministration settings_;
  AuditAdministration audit_;
  SessionRegistry& sessions_;
  Replicas& replicas_;
  absl::Mutex watches_mutex_;
  absl::Status watches_end_ ABSL_GUARDED_BY(watches_mutex_);
  std::map<SessionWatch*, Watching> watches_ ABSL_GUARDED_BY(watches_mutex_);
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_ADMIN_SERVICE_H_
