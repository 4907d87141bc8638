// How people come in: proto/homeport/v1/auth.proto. See cli/coordinator.h.
#ifndef HOMEPORT_CLI_SIGN_IN_API_H_
#define HOMEPORT_CLI_SIGN_IN_API_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/homeport/v1/auth.pb.h"

namespace homeport {

class SignInApi {
 public:
  virtual ~SignInApi() = default;

  virtual absl::StatusOr<v1::SignInOptions> GetSignInOptions() = 0;
  virtual absl::StatusOr<v1::SignInResponse> SetUp(const v1::SetUpRequest& request) = 0;
  virtual absl::StatusOr<v1::SignInResponse> SignIn(const v1::SignInRequest& request) = 0;
  // Revokes the token that all calls show.
  virtual absl::Status SignOut() = 0;
};

}  // namespace homeport

#endif  // HOMEPORT_CLI_SIGN_IN_API_H_
