#include "bench/new_installation.h"

#include <sys/stat.h>

#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "base/file.h"
#include "proto/homeport/v1/auth.grpc.pb.h"
#include "rpc/bearer_token.h"
#include "rpc/channel.h"
#include "rpc/status_conversion.h"

namespace homeport::bench {
namespace {

std::string UserName(int number) { return absl::StrCat("user", number); }

}  // namespace

absl::Status NewInstallation::Run() {
  auto channel = MakeChannel(options_.coordinator, options_.ca_file);
  if (!channel.ok()) return channel.status();
  channel_ = *std::move(channel);
  admin_ = v1::AdminService::NewStub(channel_);
  absl::Status status = SetUp();
  status.Update(MakeProvider());
  mkdir((options_.folder + "/credentials").c_str(), 0700);
  if (status.ok()) status = Each(options_.users, [this](int i) { return MakeUser(i); });
  if (status.ok()) status = Each(options_.workspaces, [this](int i) { return MakeWorkspace(i); });
  return status;
}

absl::Status NewInstallation::SetUp() {
  const auto code = ReadSecretFile(options_.set_up_code_file);
  if (!code.ok()) return code.status();
  v1::SetUpRequest request;
  request.set_set_up_code(*code);
  request.set_user_id("admin");
  request.set_email("admin@example.com");
  request.set_password("a password for the bench");
  v1::SignInResponse response;
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  const absl::Status status =
      ToAbslStatus(v1::AuthService::NewStub(channel_)->SetUp(&context, request, &response));
  if (!status.ok()) return status;
  token_ = response.token();
  return WriteFileAtomically(options_.folder + "/admin.token", token_, 0600);
}

absl::Status NewInstallation::MakeProvider() {
  v1::CreateProviderRequest request;
  request.set_provider_id("local");
  grpc::ClientContext context;
  AddBearerToken(context, token_);
  v1::Provider provider;
  return ToAbslStatus(admin_->CreateProvider(&context, request, &provider));
}

absl::Status NewInstallation::MakeUser(int number) {
  v1::CreateUserRequest request;
  request.set_user_id(UserName(number));
  request.mutable_user()->set_email(UserName(number) + "@example.com");
  request.mutable_user()->add_roles(v1::ROLE_MEMBER);
  grpc::ClientContext context;
  AddBearerToken(context, token_);
  v1::User user;
  return ToAbslStatus(admin_->CreateUser(&context, request, &user));
}

absl::Status NewInstallation::MakeWorkspace(int number) {
  v1::CreateWorkspaceRequest request;
  request.set_parent("users/" + UserName(number % options_.users));
  request.set_workspace_id(absl::StrCat("workspace", number));
  v1::Workspace& workspace = *request.mutable_workspace();
  workspace.set_provider("providers/local");
  workspace.mutable_image()->set_uri("registry.example.com/images/development");
  workspace.mutable_image()->set_tag("2026.11");
  grpc::ClientContext context;
  AddBearerToken(context, token_);
  v1::Workspace made;
  const absl::Status status = ToAbslStatus(admin_->CreateWorkspace(&context, request, &made));
  if (!status.ok()) return status;
  return WriteFileAtomically(absl::StrCat(options_.folder, "/credentials/", number),
                             made.credential(), 0600);
}

absl::Status NewInstallation::Each(int count, const std::function<absl::Status(int)>& make) const {
  std::atomic<int> next{0};
  absl::Mutex mutex;
  absl::Status first;
  std::vector<std::thread> threads;
  for (int i = 0; i < options_.parallel; ++i) {
    threads.emplace_back([&] {
      for (int number = next++; number < count; number = next++) {
        const absl::Status status = make(number);
        if (status.ok()) continue;
        absl::MutexLock lock(&mutex);
        first.Update(status);
        next = count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return first;
}

}  // namespace homeport::bench
