#include "coordinator/admin_service.h"

#include <utility>

#include "absl/strings/match.h"
#include "base/logging.h"
#include "coordinator/access.h"
#include "rpc/bearer_token.h"
#include "rpc/unary.h"

namespace homeport {

AdminService::AdminService(const Parts& parts)
    : pool_(parts.pool),
      metrics_(parts.metrics),
      host_public_key_(parts.host_public_key),
      authenticator_(parts.store),
      users_(parts.store, parts.vault),
      providers_(parts.store, parts.publisher),
      workspaces_(parts.store, parts.agents, parts.broker, parts.publisher),
      audit_(parts.store) {}

template <typename Handler>
AdminService::Reactor* AdminService::Call(Context* context, const char* method,
                                          const std::string& resource, Handler handler) {
  auto run = [this, method, resource, token = BearerToken(*context), handler = std::move(handler)] {
    const absl::StatusOr<UserRecord> caller = authenticator_.User(token);
    absl::Status status = caller.status();
    if (status.ok()) status = Authorize(*caller, method, resource);
    if (status.ok()) status = handler(*caller);
    metrics_.CountRpc(method, status);
    // What changes nothing is not worth a line for each call.
    const bool reads = absl::StartsWith(method, "Get") || absl::StartsWith(method, "List");
    Logger("admin")->log(reads ? spdlog::level::debug : spdlog::level::info,
                         "{} user={} about={}: {}", method, caller.ok() ? caller->name : "-",
                         Printable(resource), absl::StatusCodeToString(status.code()));
    return status;
  };
  return RunUnary(context, pool_, std::move(run));
}

AdminService::Reactor* AdminService::GetCaller(Context* context, const v1::GetCallerRequest*,
                                               v1::Caller* response) {
  return Call(context, "GetCaller", "", [response](const UserRecord& caller) {
    *response->mutable_user() = UserAdministration::ToProto(caller);
    return absl::OkStatus();
  });
}

AdminService::Reactor* AdminService::CreateUser(Context* context,
                                                const v1::CreateUserRequest* request,
                                                v1::User* response) {
  return Call(context, "CreateUser", request->user_id(),
              [=](const UserRecord&) { return users_.Create(*request, *response); });
}

AdminService::Reactor* AdminService::GetUser(Context* context, const v1::GetUserRequest* request,
                                             v1::User* response) {
  return Call(context, "GetUser", request->name(),
              [=](const UserRecord&) { return users_.Get(*request, *response); });
}

AdminService::Reactor* AdminService::ListUsers(Context* context,
                                               const v1::ListUsersRequest* request,
                                               v1::ListUsersResponse* response) {
  return Call(context, "ListUsers", "",
              [=](const UserRecord&) { return users_.List(*request, *response); });
}

AdminService::Reactor* AdminService::DeleteUser(Context* context,
                                                const v1::DeleteUserRequest* request, v1::Effect*) {
  return Call(context, "DeleteUser", request->name(),
              [=](const UserRecord&) { return users_.Delete(*request); });
}

AdminService::Reactor* AdminService::DownloadPrivateKey(
    Context* context, const v1::DownloadPrivateKeyRequest* request,
    v1::DownloadPrivateKeyResponse* response) {
  return Call(context, "DownloadPrivateKey", request->name(), [=](const UserRecord& caller) {
    return users_.DownloadPrivateKey(*request, caller, *response);
  });
}

AdminService::Reactor* AdminService::CreateProvider(Context* context,
                                                    const v1::CreateProviderRequest* request,
                                                    v1::Provider* response) {
  return Call(context, "CreateProvider", request->provider_id(),
              [=](const UserRecord&) { return providers_.Create(*request, *response); });
}

AdminService::Reactor* AdminService::GetProvider(Context* context,
                                                 const v1::GetProviderRequest* request,
                                                 v1::Provider* response) {
  return Call(context, "GetProvider", request->name(),
              [=](const UserRecord&) { return providers_.Get(*request, *response); });
}

AdminService::Reactor* AdminService::ListProviders(Context* context,
                                                   const v1::ListProvidersRequest* request,
                                                   v1::ListProvidersResponse* response) {
  return Call(context, "ListProviders", "",
              [=](const UserRecord&) { return providers_.List(*request, *response); });
}

AdminService::Reactor* AdminService::UpdateProvider(Context* context,
                                                    const v1::UpdateProviderRequest* request,
                                                    v1::Provider* response) {
  return Call(context, "UpdateProvider", request->provider().name(),
              [=](const UserRecord&) { return providers_.Update(*request, *response); });
}

AdminService::Reactor* AdminService::DeleteProvider(Context* context,
                                                    const v1::DeleteProviderRequest* request,
                                                    v1::DeleteProviderResponse*) {
  return Call(context, "DeleteProvider", request->name(),
              [=](const UserRecord&) { return providers_.Delete(*request); });
}

AdminService::Reactor* AdminService::CreateWorkspace(Context* context,
                                                     const v1::CreateWorkspaceRequest* request,
                                                     v1::Workspace* response) {
  return Call(context, "CreateWorkspace", request->parent(),
              [=](const UserRecord&) { return workspaces_.Create(*request, *response); });
}

AdminService::Reactor* AdminService::GetWorkspace(Context* context,
                                                  const v1::GetWorkspaceRequest* request,
                                                  v1::Workspace* response) {
  return Call(context, "GetWorkspace", request->name(),
              [=](const UserRecord&) { return workspaces_.Get(*request, *response); });
}

AdminService::Reactor* AdminService::ListWorkspaces(Context* context,
                                                    const v1::ListWorkspacesRequest* request,
                                                    v1::ListWorkspacesResponse* response) {
  return Call(context, "ListWorkspaces", request->parent(),
              [=](const UserRecord&) { return workspaces_.List(*request, *response); });
}

AdminService::Reactor* AdminService::UpdateWorkspace(Context* context,
                                                     const v1::UpdateWorkspaceRequest* request,
                                                     v1::Workspace* response) {
  return Call(context, "UpdateWorkspace", request->workspace().name(),
              [=](const UserRecord&) { return workspaces_.Update(*request, *response); });
}

AdminService::Reactor* AdminService::DeleteWorkspace(Context* context,
                                                     const v1::DeleteWorkspaceRequest* request,
                                                     v1::Effect*) {
  return Call(context, "DeleteWorkspace", request->name(),
              [=](const UserRecord&) { return workspaces_.Delete(*request); });
}

AdminService::Reactor* AdminService::GetFrontDoor(Context* context, const v1::GetFrontDoorRequest*,
                                                  v1::FrontDoor* response) {
  return Call(context, "GetFrontDoor", "", [this, response](const UserRecord&) {
    response->add_host_public_keys(host_public_key_);
    return absl::OkStatus();
  });
}

AdminService::Reactor* AdminService::ListAuditEntries(Context* context,
                                                      const v1::ListAuditEntriesRequest* request,
                                                      v1::ListAuditEntriesResponse* response) {
  return Call(context, "ListAuditEntries", request->target(),
              [=](const UserRecord&) { return audit_.List(*request, *response); });
}

}  // namespace homeport
