// Lets people in: with a password, with a one-time code, and once in the life of an installation
// with the set-up code.
//
// Whoever is refused hears the same, after the same time, for an unknown name, a wrong password, an
// account without one, and a suspended user. Every attempt is in the audit, with what was wrong;
// never what was typed.
//
// Threads: any; blocks, since it asks the store and hashes passwords (coordinator/keys/password.h).
#ifndef HOMEPORT_COORDINATOR_SIGN_IN_DESK_H_
#define HOMEPORT_COORDINATOR_SIGN_IN_DESK_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/caller.h"
#include "coordinator/keys/key_vault.h"
#include "coordinator/refusal_record.h"
#include "coordinator/sign_in_limits.h"
#include "coordinator/store/store.h"
#include "proto/homeport/v1/auth.pb.h"

namespace homeport {

class SignInDesk {
 public:
  struct Parts {
    Store& store;
    const KeyVault& vault;
    SignInLimits& limits;
    RefusalRecord& refusals;
    std::function<void()> on_set_up;  // the set-up code is worth nothing any more
  };
  explicit SignInDesk(Parts parts) : parts_(std::move(parts)) {}

  absl::Status GetOptions(v1::SignInOptions& response);
  // `address`: host:port of whom this comes from.
  absl::Status SetUp(const std::string& address, const v1::SetUpRequest& request,
                     v1::SignInResponse& response);
  absl::Status SignIn(const std::string& address, const v1::SignInRequest& request,
                      v1::SignInResponse& response);
  absl::Status SignOut(const Caller& caller);

 private:
  // Who proved who they are. If not, why not: for the audit alone.
  struct Verdict {
    UserRecord user;      // id 0: nobody that is known
    std::string code_id;  // of the one-time code
    std::string refusal;  // why not; empty: it is this user
    bool by_code = false;
    bool rehash = false;  // the password's hash is of an older kind
  };

  // OK, or RESOURCE_EXHAUSTED, which is recorded as often as it should be.
  absl::Status TakeAttempt(const std::string& account, const std::string& address);
  absl::StatusOr<Verdict> CheckPassword(const v1::PasswordProof& proof);
  absl::StatusOr<Verdict> CheckCode(const std::string& code);
  // Makes the token of somebody who has proved who they are.
  absl::Status Admit(const Verdict& verdict, const std::string& address,
                     const std::string& display_name, v1::SignInResponse& response);
  // Records it; what the person is told.
  absl::Status Refuse(const Verdict& verdict, const std::string& address);
  absl::Status CheckSetUpCode(const std::string& code, const std::string& address);

  const Parts parts_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_SIGN_IN_DESK_H_
