#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/grpc_calls.h"
#include "cli/grpc_parts.h"
#include "proto/homeport/v1/admin.grpc.pb.h"

namespace homeport {
namespace {

class GrpcPlacesApi : public PlacesApi {
 public:
  GrpcPlacesApi(const CoordinatorOptions& options, const SharedChannel& channel)
      : calls_(options, channel) {}

  absl::StatusOr<v1::Provider> CreateProvider(const v1::CreateProviderRequest& request) override {
    return calls_.Call<v1::Provider>(&Stub::CreateProvider, request);
  }
  absl::StatusOr<v1::Provider> GetProvider(const std::string& name) override {
    return calls_.Call<v1::Provider>(&Stub::GetProvider,
                                     Calls::Named<v1::GetProviderRequest>(name));
  }
  absl::StatusOr<std::vector<v1::Provider>> ListProviders() override {
    return calls_.ListAll<v1::Provider, v1::ListProvidersResponse>(
        &Stub::ListProviders, v1::ListProvidersRequest(),
        [](v1::ListProvidersResponse& page) { return page.mutable_providers(); });
  }
  absl::StatusOr<v1::Provider> UpdateProvider(const v1::UpdateProviderRequest& request) override {
    return calls_.Call<v1::Provider>(&Stub::UpdateProvider, request);
  }
  absl::Status DeleteProvider(const std::string& name) override {
    return calls_
        .Call<v1::DeleteProviderResponse>(&Stub::DeleteProvider,
                                          Calls::Named<v1::DeleteProviderRequest>(name))
        .status();
  }

  absl::StatusOr<v1::Workspace> CreateWorkspace(
      const v1::CreateWorkspaceRequest& request) override {
    return calls_.Call<v1::Workspace>(&Stub::CreateWorkspace, request);
  }
  absl::StatusOr<v1::Workspace> GetWorkspace(const std::string& name) override {
    return calls_.Call<v1::Workspace>(&Stub::GetWorkspace,
                                      Calls::Named<v1::GetWorkspaceRequest>(name));
  }
  absl::StatusOr<std::vector<v1::Workspace>> ListWorkspaces(const std::string& parent) override {
    v1::ListWorkspacesRequest request;
    request.set_parent(parent);
    return calls_.ListAll<v1::Workspace, v1::ListWorkspacesResponse>(
        &Stub::ListWorkspaces, std::move(request),
        [](v1::ListWorkspacesResponse& page) { return page.mutable_workspaces(); });
  }
  absl::StatusOr<v1::Workspace> UpdateWorkspace(
      const v1::UpdateWorkspaceRequest& request) override {
    return calls_.Call<v1::Workspace>(&Stub::UpdateWorkspace, request);
  }
  absl::StatusOr<v1::Effect> DeleteWorkspace(const std::string& name) override {
    return calls_.Call<v1::Effect>(&Stub::DeleteWorkspace,
                                   Calls::Named<v1::DeleteWorkspaceRequest>(name));
  }
  absl::StatusOr<v1::Workspace> RotateCredential(
      const v1::RotateCredentialRequest& request) override {
    return calls_.Call<v1::Workspace>(&Stub::RotateCredential, request);
  }
  absl::StatusOr<v1::Workspace> RevokeCredential(const std::string& name) override {
    return calls_.Call<v1::Workspace>(&Stub::RevokeCredential,
                                      Calls::Named<v1::RevokeCredentialRequest>(name));
  }

 private:
  using Calls = GrpcCalls<v1::AdminService>;
  using Stub = v1::AdminService::StubInterface;
  Calls calls_;
};

class GrpcSessionsApi : public SessionsApi {
 public:
  GrpcSessionsApi(const CoordinatorOptions& options, const SharedChannel& channel)
      : calls_(options, channel) {}

  absl::StatusOr<std::vector<v1::Session>> ListSessions(const v1::SessionFilter& filter) override {
    v1::ListSessionsRequest request;
    *request.mutable_filter() = filter;
    return calls_.ListAll<v1::Session, v1::ListSessionsResponse>(
        &Stub::ListSessions, std::move(request),
        [](v1::ListSessionsResponse& page) { return page.mutable_sessions(); });
  }
  absl::Status WatchSessions(const v1::SessionFilter& filter, const EventReader& reader) override {
    v1::WatchSessionsRequest request;
    *request.mutable_filter() = filter;
    return calls_.ReadStream<v1::SessionEvent>(&Stub::WatchSessions, request, reader);
  }
  absl::StatusOr<v1::Effect> EndSessions(const v1::EndSessionsRequest& request) override {
    return calls_.Call<v1::Effect>(&Stub::EndSessions, request);
  }

 private:
  using Stub = v1::AdminService::StubInterface;
  GrpcCalls<v1::AdminService> calls_;
};

class GrpcInstallationApi : public InstallationApi {
 public:
  GrpcInstallationApi(const CoordinatorOptions& options, const SharedChannel& channel)
      : calls_(options, channel) {}

  absl::StatusOr<v1::FrontDoor> GetFrontDoor() override {
    return calls_.Call<v1::FrontDoor>(&Stub::GetFrontDoor, v1::GetFrontDoorRequest());
  }
  absl::StatusOr<v1::Settings> GetSettings() override {
    return calls_.Call<v1::Settings>(&Stub::GetSettings, v1::GetSettingsRequest());
  }
  absl::StatusOr<v1::Settings> UpdateSettings(const v1::UpdateSettingsRequest& request) override {
    return calls_.Call<v1::Settings>(&Stub::UpdateSettings, request);
  }
  absl::Status ReadAudit(const v1::ListAuditEntriesRequest& request,
                         const EntryReader& reader) override {
    return calls_.ReadPages<v1::ListAuditEntriesResponse>(
        &Stub::ListAuditEntries, request, [&reader](const v1::ListAuditEntriesResponse& page) {
          for (const v1::AuditEntry& entry : page.audit_entries()) {
            if (!reader(entry)) return false;
          }
          return true;
        });
  }
  absl::StatusOr<v1::VerifyAuditResponse> VerifyAudit() override {
    return calls_.Call<v1::VerifyAuditResponse>(&Stub::VerifyAudit, v1::VerifyAuditRequest(),
                                                absl::Minutes(10));
  }

 private:
  using Stub = v1::AdminService::StubInterface;
  GrpcCalls<v1::AdminService> calls_;
};

}  // namespace

std::unique_ptr<PlacesApi> MakeGrpcPlacesApi(const CoordinatorOptions& options,
                                             const SharedChannel& channel) {
  return std::make_unique<GrpcPlacesApi>(options, channel);
}

std::unique_ptr<SessionsApi> MakeGrpcSessionsApi(const CoordinatorOptions& options,
                                                 const SharedChannel& channel) {
  return std::make_unique<GrpcSessionsApi>(options, channel);
}

std::unique_ptr<InstallationApi> MakeGrpcInstallationApi(const CoordinatorOptions& options,
                                                         const SharedChannel& channel) {
  return std::make_unique<GrpcInstallationApi>(options, channel);
}

}  // namespace homeport
