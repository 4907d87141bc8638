// Passwords and one-time codes of people, once it is settled that the caller may.
//
// Threads: any; blocks, since it asks the store and hashes passwords (coordinator/keys/password.h).
#ifndef HOMEPORT_COORDINATOR_PASSWORD_ADMINISTRATION_H_
#define HOMEPORT_COORDINATOR_PASSWORD_ADMINISTRATION_H_

#include "absl/status/status.h"
#include "coordinator/caller.h"
#include "coordinator/sign_in_limits.h"
#include "coordinator/store/store.h"
#include "proto/homeport/v1/admin.pb.h"

namespace homeport {

class PasswordAdministration {
 public:
  // The limits are those of sign-in: a stolen token is no way to guess the password faster.
  PasswordAdministration(Store& store, SignInLimits& limits) : store_(store), limits_(limits) {}

  // The request names the caller.
  absl::Status Set(const Caller& caller, const v1::SetPasswordRequest& request,
                   v1::SetPasswordResponse& response);
  absl::Status CreateCode(const Caller& caller, const v1::CreateSignInCodeRequest& request,
                          v1::CreateSignInCodeResponse& response);

 private:
  absl::Status CheckCurrent(const Caller& caller, const std::string& password);

  Store& store_;
  SignInLimits& limits_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_PASSWORD_ADMINISTRATION_H_
