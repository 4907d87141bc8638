// AdminService: who calls, may they (coordinator/access.h), and who does the work.
//
// Threads: gRPC's. Outlives its server and the pool.
#ifndef HOMEPORT_COORDINATOR_ADMIN_SERVICE_H_
#define HOMEPORT_COORDINATOR_ADMIN_SERVICE_H_

#include <string>

#include "base/worker_pool.h"
#include "coordinator/audit_administration.h"
#include "coordinator/authenticator.h"
#include "coordinator/coordinator_metrics.h"
#include "coordinator/provider_administration.h"
#include "coordinator/user_administration.h"
#include "coordinator/workspace_administration.h"
#include "proto/homeport/v1/admin.grpc.pb.h"

namespace homeport {

class AdminService final : public v1::AdminService::CallbackService {
 public:
  struct Parts {
    Store& store;
    const KeyVault& vault;
    WorkerPool& pool;
    const AgentRegistry& agents;
    SessionBroker& broker;
    SettingsPublisher& publisher;
    CoordinatorMetrics& metrics;
    std::string host_public_key;  // of the front door: `algorithm base64`
  };
  explicit AdminService(const Parts& parts);

  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;

  Reactor* GetCaller(Context* context, const v1::GetCallerRequest* request,
                     v1::Caller* response) override;
  Reactor* CreateUser(Context* context, const v1::CreateUserRequest* request,
                      v1::User* response) override;
  Reactor* GetUser(Context* context, const v1::GetUserRequest* request,
                   v1::User* response) override;
  Reactor* ListUsers(Context* context, const v1::ListUsersRequest* request,
                     v1::ListUsersResponse* response) override;
  Reactor* DeleteUser(Context* context, const v1::DeleteUserRequest* request,
                      v1::Effect* response) override;
  Reactor* DownloadPrivateKey(Context* context, const v1::DownloadPrivateKeyRequest* request,
                              v1::DownloadPrivateKeyResponse* response) override;
  Reactor* CreateProvider(Context* context, const v1::CreateProviderRequest* request,
                          v1::Provider* response) override;
  Reactor* GetProvider(Context* context, const v1::GetProviderRequest* request,
                       v1::Provider* response) override;
  Reactor* ListProviders(Context* context, const v1::ListProvidersRequest* request,
                         v1::ListProvidersResponse* response) override;
  Reactor* UpdateProvider(Context* context, const v1::UpdateProviderRequest* request,
                          v1::Provider* response) override;
  Reactor* DeleteProvider(Context* context, const v1::DeleteProviderRequest* request,
                          v1::DeleteProviderResponse* response) override;
  Reactor* CreateWorkspace(Context* context, const v1::CreateWorkspaceRequest* request,
                           v1::Workspace* response) override;
  Reactor* GetWorkspace(Context* context, const v1::GetWorkspaceRequest* request,
                        v1::Workspace* response) override;
  Reactor* ListWorkspaces(Context* context, const v1::ListWorkspacesRequest* request,
                          v1::ListWorkspacesResponse* response) override;
  Reactor* UpdateWorkspace(Context* context, const v1::UpdateWorkspaceRequest* request,
                           v1::Workspace* response) override;
  Reactor* DeleteWorkspace(Context* context, const v1::DeleteWorkspaceRequest* request,
                           v1::Effect* response) override;
  Reactor* GetFrontDoor(Context* context, const v1::GetFrontDoorRequest* request,
                        v1::FrontDoor* response) override;
  Reactor* ListAuditEntries(Context* context, const v1::ListAuditEntriesRequest* request,
                            v1::ListAuditEntriesResponse* response) override;

 private:
  // Runs `handler(caller)` on the pool if the caller may call `method` about `resource`.
  template <typename Handler>
  Reactor* Call(Context* context, const char* method, const std::string& resource, Handler handler);

  WorkerPool& pool_;
  CoordinatorMetrics& metrics_;
  const std::string host_public_key_;
  Authenticator authenticator_;
  UserAdministration users_;
  ProviderAdministration providers_;
  WorkspaceAdministration workspaces_;
  AuditAdministration audit_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_ADMIN_SERVICE_H_
