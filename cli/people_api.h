// People with their keys and tokens: proto/homeport/v1/user.proto. See cli/coordinator.h.
#ifndef HOMEPORT_CLI_PEOPLE_API_H_
#define HOMEPORT_CLI_PEOPLE_API_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/homeport/v1/user.pb.h"

namespace homeport {

class PeopleApi {
 public:
  virtual ~PeopleApi() = default;

  virtual absl::StatusOr<v1::Caller> GetCaller() = 0;

  virtual absl::StatusOr<v1::User> CreateUser(const v1::CreateUserRequest& request) = 0;
  virtual absl::StatusOr<v1::User> GetUser(const std::string& name) = 0;
  virtual absl::StatusOr<std::vector<v1::User>> ListUsers() = 0;
  virtual absl::StatusOr<v1::User> UpdateUser(const v1::UpdateUserRequest& request) = 0;
  virtual absl::StatusOr<v1::Effect> DeleteUser(const std::string& name) = 0;
  virtual absl::Status SetPassword(const v1::SetPasswordRequest& request) = 0;
  virtual absl::StatusOr<v1::CreateSignInCodeResponse> CreateSignInCode(
      const std::string& user_name) = 0;

  virtual absl::StatusOr<v1::Token> CreateToken(const v1::CreateTokenRequest& request) = 0;
  virtual absl::StatusOr<std::vector<v1::Token>> ListTokens(const std::string& user_name) = 0;
  virtual absl::Status DeleteToken(const std::string& name) = 0;

  virtual absl::StatusOr<v1::User> RegenerateKey(const std::string& user_name) = 0;
  // In OpenSSH's file format.
  virtual absl::StatusOr<std::string> DownloadPrivateKey(const std::string& user_name) = 0;
  virtual absl::StatusOr<v1::PublicKey> CreatePublicKey(
      const v1::CreatePublicKeyRequest& request) = 0;
  virtual absl::StatusOr<std::vector<v1::PublicKey>> ListPublicKeys(
      const std::string& user_name) = 0;
  virtual absl::StatusOr<v1::PublicKey> DeletePublicKey(const std::string& name) = 0;
};

}  // namespace homeport

#endif  // HOMEPORT_CLI_PEOPLE_API_H_
