#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/grpc_calls.h"
#include "cli/grpc_parts.h"
#include "proto/homeport/v1/admin.grpc.pb.h"
#include "proto/homeport/v1/auth.grpc.pb.h"

namespace homeport {
namespace {

class GrpcSignInApi : public SignInApi {
 public:
  GrpcSignInApi(const CoordinatorOptions& options, const SharedChannel& channel)
      : calls_(options, channel) {}

  absl::StatusOr<v1::SignInOptions> GetSignInOptions() override {
    return calls_.Call<v1::SignInOptions>(&Stub::GetSignInOptions, v1::GetSignInOptionsRequest());
  }
  absl::StatusOr<v1::SignInResponse> SetUp(const v1::SetUpRequest& request) override {
    return calls_.Call<v1::SignInResponse>(&Stub::SetUp, request);
  }
  absl::StatusOr<v1::SignInResponse> SignIn(const v1::SignInRequest& request) override {
    return calls_.Call<v1::SignInResponse>(&Stub::SignIn, request);
  }
  absl::Status SignOut() override {
    return calls_.Call<v1::SignOutResponse>(&Stub::SignOut, v1::SignOutRequest()).status();
  }

 private:
  using Stub = v1::AuthService::StubInterface;
  GrpcCalls<v1::AuthService> calls_;
};

class GrpcPeopleApi : public PeopleApi {
 public:
  GrpcPeopleApi(const CoordinatorOptions& options, const SharedChannel& channel)
      : calls_(options, channel) {}

  absl::StatusOr<v1::Caller> GetCaller() override {
    return calls_.Call<v1::Caller>(&Stub::GetCaller, v1::GetCallerRequest());
  }

  absl::StatusOr<v1::User> CreateUser(const v1::CreateUserRequest& request) override {
    return calls_.Call<v1::User>(&Stub::CreateUser, request);
  }
  absl::StatusOr<v1::User> GetUser(const std::string& name) override {
    return calls_.Call<v1::User>(&Stub::GetUser, Calls::Named<v1::GetUserRequest>(name));
  }
  absl::StatusOr<std::vector<v1::User>> ListUsers() override {
    return calls_.ListAll<v1::User, v1::ListUsersResponse>(
        &Stub::ListUsers, v1::ListUsersRequest(),
        [](v1::ListUsersResponse& page) { return page.mutable_users(); });
  }
  absl::StatusOr<v1::User> UpdateUser(const v1::UpdateUserRequest& request) override {
    return calls_.Call<v1::User>(&Stub::UpdateUser, request);
  }
  absl::StatusOr<v1::Effect> DeleteUser(const std::string& name) override {
    return calls_.Call<v1::Effect>(&Stub::DeleteUser, Calls::Named<v1::DeleteUserRequest>(name));
  }
  absl::Status SetPassword(const v1::SetPasswordRequest& request) override {
    return calls_.Call<v1::SetPasswordResponse>(&Stub::SetPassword, request).status();
  }
  absl::StatusOr<v1::CreateSignInCodeResponse> CreateSignInCode(
      const std::string& user_name) override {
    return calls_.Call<v1::CreateSignInCodeResponse>(
        &Stub::CreateSignInCode, Calls::Named<v1::CreateSignInCodeRequest>(user_name));
  }

  absl::StatusOr<v1::Token> CreateToken(const v1::CreateTokenRequest& request) override {
    return calls_.Call<v1::Token>(&Stub::CreateToken, request);
  }
  absl::StatusOr<std::vector<v1::Token>> ListTokens(const std::string& user_name) override {
    v1::ListTokensRequest request;
    request.set_parent(user_name);
    return calls_.ListAll<v1::Token, v1::ListTokensResponse>(
        &Stub::ListTokens, std::move(request),
        [](v1::ListTokensResponse& page) { return page.mutable_tokens(); });
  }
  absl::Status DeleteToken(const std::string& name) override {
    return calls_
        .Call<v1::DeleteTokenResponse>(&Stub::DeleteToken,
                                       Calls::Named<v1::DeleteTokenRequest>(name))
        .status();
  }

  absl::StatusOr<v1::User> RegenerateKey(const std::string& user_name) override {
    return calls_.Call<v1::User>(&Stub::RegenerateKey,
                                 Calls::Named<v1::RegenerateKeyRequest>(user_name));
  }
  absl::StatusOr<std::string> DownloadPrivateKey(const std::string& user_name) override {
    auto answer = calls_.Call<v1::DownloadPrivateKeyResponse>(
        &Stub::DownloadPrivateKey, Calls::Named<v1::DownloadPrivateKeyRequest>(user_name));
    if (!answer.ok()) return answer.status();
    return std::move(*answer->mutable_private_key());
  }
  absl::StatusOr<v1::PublicKey> CreatePublicKey(
      const v1::CreatePublicKeyRequest& request) override {
    return calls_.Call<v1::PublicKey>(&Stub::CreatePublicKey, request);
  }
  absl::StatusOr<std::vector<v1::PublicKey>> ListPublicKeys(const std::string& user_name) override {
    v1::ListPublicKeysRequest request;
    request.set_parent(user_name);
    return calls_.ListAll<v1::PublicKey, v1::ListPublicKeysResponse>(
        &Stub::ListPublicKeys, std::move(request),
        [](v1::ListPublicKeysResponse& page) { return page.mutable_public_keys(); });
  }
  absl::StatusOr<v1::PublicKey> DeletePublicKey(const std::string& name) override {
    return calls_.Call<v1::PublicKey>(&Stub::DeletePublicKey,
                                      Calls::Named<v1::DeletePublicKeyRequest>(name));
  }

 private:
  using Calls = GrpcCalls<v1::AdminService>;
  using Stub = v1::AdminService::StubInterface;
  Calls calls_;
};

}  // namespace

std::unique_ptr<SignInApi> MakeGrpcSignInApi(const CoordinatorOptions& options,
                                             const SharedChannel& channel) {
  return std::make_unique<GrpcSignInApi>(options, channel);
}

std::unique_ptr<PeopleApi> MakeGrpcPeopleApi(const CoordinatorOptions& options,
                                             const SharedChannel& channel) {
  return std::make_unique<GrpcPeopleApi>(options, channel);
}

}  // namespace homeport
