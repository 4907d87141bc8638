#include "coordinator/password_administration.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "coordinator/audit_line.h"
#include "coordinator/keys/credential.h"
#include "coordinator/keys/password.h"
#include "coordinator/keys/secret.h"
#include "coordinator/peer_address.h"
#include "coordinator/resource_name.h"
#include "coordinator/timestamps.h"

namespace homeport {
namespace {

constexpr absl::Duration kCodeLifetime = absl::Hours(24);

}  // namespace

absl::Status PasswordAdministration::CheckCurrent(const Caller& caller,
                                                  const std::string& password) {
  const std::string host = HostOf(caller.address);
  if (absl::Status status = limits_.Take(caller.user.name, host, absl::Now()); !status.ok()) {
    return status;
  }
  const absl::StatusOr<std::string> hash = store_.GetPasswordHash(caller.user.id);
  if (!hash.ok()) return hash.status();
  if (VerifyPassword(*hash, password)) {
    limits_.OnSuccess(caller.user.name, host, absl::Now());
    return absl::OkStatus();
  }
  // The store has logged a failure, and the person is refused in any case.
  (void)store_.AppendAudit(
      AuditLine(caller, "sign_in.refuse", FormatUserName(caller.user.name),
                {{"with", "password"}, {"why", "wrong password"}, {"for", "user.password"}}));
  return absl::PermissionDeniedError("current_password is not your password");
}

absl::Status PasswordAdministration::Set(const Caller& caller,
                                         const v1::SetPasswordRequest& request,
                                         v1::SetPasswordResponse&) {
  if (IsLimited(caller)) {
    return absl::PermissionDeniedError(
        "a token that may do less than you may cannot set your password; sign in to do that");
  }
  if (absl::Status status = CheckPasswordRules(request.new_password()); !status.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("new_password: ", status.message()));
  }
  if (caller.user.has_password && !caller.token.details.by_code) {
    if (absl::Status status = CheckCurrent(caller, request.current_password()); !status.ok()) {
      return status;
    }
  }
  const absl::StatusOr<std::string> hash = HashPassword(request.new_password());
  if (!hash.ok()) return hash.status();
  return store_.SetPassword(caller.user.id, *hash, caller.token.hashed.id,
                            AuditLine(caller, "user.password", request.name()));
}

absl::Status PasswordAdministration::CreateCode(const Caller& caller,
                                                const v1::CreateSignInCodeRequest& request,
                                                v1::CreateSignInCodeResponse& response) {
  const absl::StatusOr<std::string> name = ParseUserName(request.name());
  if (!name.ok()) return name.status();
  const absl::StatusOr<UserRecord> user = store_.GetUser(*name);
  if (absl::IsNotFound(user.status())) return ResourceNotFound(request.name());
  if (!user.ok()) return user.status();
  if (user->suspended) {
    return absl::FailedPreconditionError(
        absl::StrCat(request.name(), " is suspended, and no code would sign them in"));
  }
  NewCredential code = MintCredential(CredentialKind::kSignInCode);
  const absl::Time expire_time = absl::Now() + kCodeLifetime;
  const absl::Status status =
      store_.CreateSignInCode(user->id, code.hashed, expire_time,
                              AuditLine(caller, "user.sign_in_code", request.name(),
                                        {{"expire_time", AuditTime(expire_time)}}));
  if (absl::IsNotFound(status)) return ResourceNotFound(request.name());
  if (!status.ok()) return status;
  response.set_code(code.token);
  WipeSecret(code.token);
  *response.mutable_expire_time() = ToTimestamp(expire_time);
  return absl::OkStatus();
}

}  // namespace homeport
