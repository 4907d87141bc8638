// AdminService's methods about providers and workspaces.
#include "coordinator/admin_service.h"

namespace homeport {

AdminService::Reactor* AdminService::CreateProvider(Context* context,
                                                    const v1::CreateProviderRequest* request,
                                                    v1::Provider* response) {
  return Call({context, "CreateProvider", request->provider_id()}, providers_,
              &ProviderAdministration::Create, request, response);
}

AdminService::Reactor* AdminService::GetProvider(Context* context,
                                                 const v1::GetProviderRequest* request,
                                                 v1::Provider* response) {
  return Call({context, "GetProvider", request->name()}, providers_, &ProviderAdministration::Get,
              request, response);
}

AdminService::Reactor* AdminService::ListProviders(Context* context,
                                                   const v1::ListProvidersRequest* request,
                                                   v1::ListProvidersResponse* response) {
  return Call({context, "ListProviders", ""}, providers_, &ProviderAdministration::List, request,
              response);
}

AdminService::Reactor* AdminService::UpdateProvider(Context* context,
                                                    const v1::UpdateProviderRequest* request,
                                                    v1::Provider* response) {
  return Call({context, "UpdateProvider", request->provider().name()}, providers_,
              &ProviderAdministration::Update, request, response);
}

AdminService::Reactor* AdminService::DeleteProvider(Context* context,
                                                    const v1::DeleteProviderRequest* request,
                                                    v1::DeleteProviderResponse* response) {
  return Call({context, "DeleteProvider", request->name()}, providers_,
              &ProviderAdministration::Delete, request, response);
}

AdminService::Reactor* AdminService::CreateWorkspace(Context* context,
                                                     const v1::CreateWorkspaceRequest* request,
                                                     v1::Workspace* response) {
  return Call({context, "CreateWorkspace", request->parent()}, workspaces_,
              &WorkspaceAdministration::Create, request, response);
}

AdminService::Reactor* AdminService::GetWorkspace(Context* context,
                                                  const v1::GetWorkspaceRequest* request,
                                                  v1::Workspace* response) {
  return Call({context, "GetWorkspace", request->name()}, workspaces_,
              &WorkspaceAdministration::Get, request, response);
}

AdminService::Reactor* AdminService::ListWorkspaces(Context* context,
                                                    const v1::ListWorkspacesRequest* request,
                                                    v1::ListWorkspacesResponse* response) {
  return Call({context, "ListWorkspaces", request->parent()}, workspaces_,
              &WorkspaceAdministration::List, request, response);
}

AdminService::Reactor* AdminService::UpdateWorkspace(Context* context,
                                                     const v1::UpdateWorkspaceRequest* request,
                                                     v1::Workspace* response) {
  return Call({context, "UpdateWorkspace", request->workspace().name()}, workspaces_,
              &WorkspaceAdministration::Update, request, response);
}

AdminService::Reactor* AdminService::DeleteWorkspace(Context* context,
                                                     const v1::DeleteWorkspaceRequest* request,
                                                     v1::Effect* response) {
  return Call({context, "DeleteWorkspace", request->name()}, workspaces_,
              &WorkspaceAdministration::Delete, request, response);
}

AdminService::Reactor* AdminService::RotateCredential(Context* context,
                                                      const v1::RotateCredentialRequest* request,
                                                      v1::Workspace* response) {
  return Call({context, "RotateCredential", request->name()}, workspaces_,
              &WorkspaceAdministration::RotateCredential, request, response);
}

AdminService::Reactor* AdminService::RevokeCredential(Context* context,
                                                      const v1::RevokeCredentialRequest* request,
                                                      v1::Workspace* response) {
  return Call({context, "RevokeCredential", request->name()}, workspaces_,
              &WorkspaceAdministration::RevokeCredential, request, response);
}

}  // namespace homeport
