#include "cli/grpc_admin_api.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "cli/failure.h"
#include "proto/homeport/v1/admin.grpc.pb.h"
#include "rpc/bearer_token.h"
#include "rpc/channel.h"
#include "rpc/status_conversion.h"

namespace homeport {
namespace {

constexpr int kPageSize = 1000;

using Stub = v1::AdminService::StubInterface;

class GrpcAdminApi : public AdminApi {
 public:
  GrpcAdminApi(const AdminApiOptions& options, const std::shared_ptr<grpc::Channel>& channel)
      : target_{options.coordinator, options.ca_file, options.timeout},
        token_(options.token),
        stub_(v1::AdminService::NewStub(channel)) {}

  absl::StatusOr<v1::User> GetCaller() override {
    absl::StatusOr<v1::Caller> caller = Call<v1::Caller>(&Stub::GetCaller, v1::GetCallerRequest());
    if (!caller.ok()) return caller.status();
    return std::move(*caller->mutable_user());
  }

  absl::StatusOr<v1::User> CreateUser(const v1::CreateUserRequest& request) override {
    return Call<v1::User>(&Stub::CreateUser, request);
  }
  absl::StatusOr<v1::User> GetUser(const std::string& name) override {
    return Call<v1::User>(&Stub::GetUser, Named<v1::GetUserRequest>(name));
  }
  absl::StatusOr<std::vector<v1::User>> ListUsers() override {
    return ListAll<v1::User, v1::ListUsersResponse>(
        &Stub::ListUsers, v1::ListUsersRequest(),
        [](v1::ListUsersResponse& page) { return page.mutable_users(); });
  }
  absl::Status DeleteUser(const std::string& name) override {
    return Delete(&Stub::DeleteUser, Named<v1::DeleteUserRequest>(name));
  }
  absl::StatusOr<std::string> DownloadPrivateKey(const std::string& user_name) override {
    auto answer = Call<v1::DownloadPrivateKeyResponse>(
        &Stub::DownloadPrivateKey, Named<v1::DownloadPrivateKeyRequest>(user_name));
    if (!answer.ok()) return answer.status();
    return std::move(*answer->mutable_private_key());
  }

  absl::StatusOr<v1::Provider> CreateProvider(const v1::CreateProviderRequest& request) override {
    return Call<v1::Provider>(&Stub::CreateProvider, request);
  }
  absl::StatusOr<v1::Provider> GetProvider(const std::string& name) override {
    return Call<v1::Provider>(&Stub::GetProvider, Named<v1::GetProviderRequest>(name));
  }
  absl::StatusOr<std::vector<v1::Provider>> ListProviders() override {
    return ListAll<v1::Provider, v1::ListProvidersResponse>(
        &Stub::ListProviders, v1::ListProvidersRequest(),
        [](v1::ListProvidersResponse& page) { return page.mutable_providers(); });
  }
  absl::StatusOr<v1::Provider> UpdateProvider(const v1::UpdateProviderRequest& request) override {
    return Call<v1::Provider>(&Stub::UpdateProvider, request);
  }
  absl::Status DeleteProvider(const std::string& name) override {
    return Delete(&Stub::DeleteProvider, Named<v1::DeleteProviderRequest>(name));
  }

  absl::StatusOr<v1::Workspace> CreateWorkspace(
      const v1::CreateWorkspaceRequest& request) override {
    return Call<v1::Workspace>(&Stub::CreateWorkspace, request);
  }
  absl::StatusOr<v1::Workspace> GetWorkspace(const std::string& name) override {
    return Call<v1::Workspace>(&Stub::GetWorkspace, Named<v1::GetWorkspaceRequest>(name));
  }
  absl::StatusOr<std::vector<v1::Workspace>> ListWorkspaces(const std::string& parent) override {
    v1::ListWorkspacesRequest request;
    request.set_parent(parent);
    return ListAll<v1::Workspace, v1::ListWorkspacesResponse>(
        &Stub::ListWorkspaces, std::move(request),
        [](v1::ListWorkspacesResponse& page) { return page.mutable_workspaces(); });
  }
  absl::StatusOr<v1::Workspace> UpdateWorkspace(
      const v1::UpdateWorkspaceRequest& request) override {
    return Call<v1::Workspace>(&Stub::UpdateWorkspace, request);
  }
  absl::Status DeleteWorkspace(const std::string& name) override {
    return Delete(&Stub::DeleteWorkspace, Named<v1::DeleteWorkspaceRequest>(name));
  }

  absl::StatusOr<v1::FrontDoor> GetFrontDoor() override {
    return Call<v1::FrontDoor>(&Stub::GetFrontDoor, v1::GetFrontDoorRequest());
  }

  absl::StatusOr<std::vector<v1::AuditEntry>> ListAuditEntries(
      const v1::ListAuditEntriesRequest& request, int limit) override {
    return ListAll<v1::AuditEntry, v1::ListAuditEntriesResponse>(
        &Stub::ListAuditEntries, request,
        [](v1::ListAuditEntriesResponse& page) { return page.mutable_audit_entries(); },
        static_cast<size_t>(limit));
  }

 private:
  template <typename Request, typename Response>
  using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);

  template <typename Request>
  static Request Named(const std::string& name) {
    Request request;
    request.set_name(name);
    return request;
  }

  template <typename Response, typename Request>
  absl::StatusOr<Response> Call(Method<Request, Response> method, const Request& request) {
    grpc::ClientContext context;
    AddBearerToken(context, token_);
    context.set_deadline(absl::ToChronoTime(absl::Now() + target_.timeout));
    Response response;
    const absl::Status status = ToAbslStatus((stub_.get()->*method)(&context, request, &response));
    if (!status.ok()) return ExplainCallFailure(status, target_);
    return response;
  }

  template <typename Request, typename Response>
  absl::Status Delete(Method<Request, Response> method, const Request& request) {
    return Call<Response>(method, request).status();
  }

  // `items` names the list in a page. The first `limit` of them, if it is not 0.
  template <typename Item, typename Response, typename Request, typename Items>
  absl::StatusOr<std::vector<Item>> ListAll(Method<Request, Response> method, Request request,
                                            Items items, size_t limit = 0) {
    std::vector<Item> all;
    request.set_page_size(limit == 0 ? kPageSize
                                     : static_cast<int>(std::min<size_t>(limit, kPageSize)));
    for (;;) {
      absl::StatusOr<Response> page = Call<Response>(method, request);
      if (!page.ok()) return page.status();
      for (Item& item : *items(*page)) {
        all.push_back(std::move(item));
        if (all.size() == limit) return all;
      }
      if (page->next_page_token().empty()) return all;
      if (page->next_page_token() == request.page_token()) {
        return absl::InternalError("the coordinator gave the same page of a list twice");
      }
      request.set_page_token(page->next_page_token());
    }
  }

  const CallTarget target_;
  const std::string token_;
  const std::unique_ptr<Stub> stub_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<AdminApi>> MakeGrpcAdminApi(const AdminApiOptions& options) {
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel =
      MakeChannel(options.coordinator, options.ca_file);
  if (!channel.ok()) {
    return absl::IsInvalidArgument(channel.status()) ? channel.status()
                                                     : LocalFailure(channel.status());
  }
  return std::make_unique<GrpcAdminApi>(options, *channel);
}

}  // namespace homeport
