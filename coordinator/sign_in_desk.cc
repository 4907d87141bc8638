#include "coordinator/sign_in_desk.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "coordinator/audit_line.h"
#include "coordinator/keys/credential.h"
#include "coordinator/keys/password.h"
#include "coordinator/keys/secret.h"
#include "coordinator/peer_address.h"
#include "coordinator/resource_name.h"
#include "coordinator/text_rules.h"
#include "coordinator/timestamps.h"
#include "coordinator/user_keys.h"
#include "coordinator/user_messages.h"

namespace homeport {
namespace {

constexpr char kSetUpDone[] =
    "this installation has been set up; sign in, or ask a site manager for a one-time code";

TokenDetails SignInToken(const SiteSettings& settings, const std::string& display_name,
                         bool by_code) {
  TokenDetails details;
  details.display_name = display_name;
  details.expire_time = absl::Now() + settings.sign_in_lifetime;
  details.sign_in = true;
  details.by_code = by_code;
  return details;
}

// Takes the token's bytes.
void Write(NewCredential& token, const TokenDetails& details, const UserRecord& user,
           v1::SignInResponse& response) {
  response.set_token(token.token);
  WipeSecret(token.token);
  *response.mutable_expire_time() = ToTimestamp(details.expire_time);
  *response.mutable_user() = ToProto(user);
}

AuditDetail Describe(absl::string_view with, const std::string& user, const NewCredential& token,
                     const TokenDetails& details) {
  return {{"with", std::string(with)},
          {"token", FormatTokenName(user, token.hashed.id)},
          {"expire_time", AuditTime(details.expire_time)}};
}

}  // namespace

absl::Status SignInDesk::GetOptions(v1::SignInOptions& response) {
  const absl::StatusOr<bool> done = parts_.store.HadFirstUser();
  if (done.ok()) response.set_set_up_needed(!*done);
  return done.status();
}

absl::Status SignInDesk::TakeAttempt(const std::string& account, const std::string& address) {
  const std::string host = HostOf(address);
  const absl::Status status = parts_.limits.Take(account, host, absl::Now());
  if (!status.ok()) {
    parts_.refusals.Note(host, AuditLine(AuditActor{"", address}, "sign_in.refuse", "",
                                         {{"why", "too many attempts"},
                                          {"message", std::string(status.message())}}));
  }
  return status;
}

absl::Status SignInDesk::SignIn(const std::string& address, const v1::SignInRequest& request,
                                v1::SignInResponse& response) {
  if (request.proof_case() == v1::SignInRequest::PROOF_NOT_SET) {
    return absl::InvalidArgumentError("proof: send a password or a code");
  }
  absl::Status status = CheckLine("display_name", request.display_name(), kMostNameBytes);
  if (!status.ok()) return status;
  const std::string account = request.has_password() ? request.password().user_id() : "";
  status = TakeAttempt(account, address);
  if (!status.ok()) return status;
  const absl::StatusOr<Verdict> verdict =
      request.has_password() ? CheckPassword(request.password()) : CheckCode(request.code());
  if (!verdict.ok()) return verdict.status();
  if (!verdict->refusal.empty()) return Refuse(*verdict, address);
  status = Admit(*verdict, address, request.display_name(), response);
  if (!status.ok()) return status;
  parts_.limits.OnSuccess(account, HostOf(address), absl::Now());
  if (!verdict->rehash) return status;
  const absl::StatusOr<std::string> hash = HashPassword(request.password().password());
  // The old hash is as good as it was.
  if (hash.ok()) (void)parts_.store.RehashPassword(verdict->user.id, *hash);
  return status;
}

absl::StatusOr<SignInDesk::Verdict> SignInDesk::CheckPassword(const v1::PasswordProof& proof) {
  Verdict verdict;
  std::string hash;
  absl::StatusOr<UserRecord> user = parts_.store.GetUser(proof.user_id());
  if (user.ok()) {
    verdict.user = *std::move(user);
    absl::StatusOr<std::string> found = parts_.store.GetPasswordHash(verdict.user.id);
    if (!found.ok() && !absl::IsNotFound(found.status())) return found.status();
    hash = found.value_or("");
  } else if (!absl::IsNotFound(user.status())) {
    return user.status();
  }
  // The slow part is the same for everybody.
  const bool right =
      hash.empty() ? VerifyAgainstNobody(proof.password()) : VerifyPassword(hash, proof.password());
  if (verdict.user.id == 0) {
    verdict.refusal = "unknown user";
  } else if (hash.empty()) {
    verdict.refusal = "no password";
  } else if (!right) {
    verdict.refusal = "wrong password";
  } else if (verdict.user.suspended) {
    verdict.refusal = "suspended";
  } else {
    verdict.rehash = NeedsRehash(hash);
  }
  return verdict;
}

absl::StatusOr<SignInDesk::Verdict> SignInDesk::CheckCode(const std::string& code) {
  Verdict verdict;
  verdict.by_code = true;
  verdict.refusal = "unknown code";
  const absl::StatusOr<HashedCredential> shown = ParseCredential(code);
  if (!shown.ok() || shown->kind != CredentialKind::kSignInCode) return verdict;
  const absl::StatusOr<CredentialRecord> known = parts_.store.FindCredential(shown->id);
  if (!known.ok() && !absl::IsNotFound(known.status())) return known.status();
  if (!known.ok() || !SameSecret(known->hashed, *shown)) return verdict;
  absl::StatusOr<UserRecord> user = parts_.store.GetUserById(known->user_id);
  if (!user.ok())
    return absl::IsNotFound(user.status()) ? verdict : absl::StatusOr<Verdict>(user.status());
  verdict.user = *std::move(user);
  verdict.code_id = shown->id;
  verdict.refusal = known->details.expire_time <= absl::Now() ? "expired code"
                    : verdict.user.suspended                  ? "suspended"
                                                              : "";
  return verdict;
}

absl::Status SignInDesk::Admit(const Verdict& verdict, const std::string& address,
                               const std::string& display_name, v1::SignInResponse& response) {
  const absl::StatusOr<SiteSettings> settings = parts_.store.GetSettings();
  if (!settings.ok()) return settings.status();
  NewCredential token = MintCredential(CredentialKind::kUser);
  const TokenDetails details = SignInToken(*settings, display_name, verdict.by_code);
  const std::string name = FormatUserName(verdict.user.name);
  absl::Status status = parts_.store.SignIn(
      verdict.user.id, verdict.code_id, token.hashed, details,
      AuditLine(
          AuditActor{name, address}, "sign_in.succeed", name,
          Describe(verdict.by_code ? "code" : "password", verdict.user.name, token, details)));
  // Between the look and now: the code was used, or the user suspended or deleted.
  if (absl::IsNotFound(status) || absl::IsFailedPrecondition(status)) {
    Verdict late = verdict;
    late.refusal = std::string(status.message());
    return Refuse(late, address);
  }
  if (!status.ok()) return status;
  const absl::StatusOr<UserRecord> user = parts_.store.GetUserById(verdict.user.id);
  Write(token, details, user.ok() ? *user : verdict.user, response);
  return absl::OkStatus();
}

absl::Status SignInDesk::Refuse(const Verdict& verdict, const std::string& address) {
  // A name that nobody has may be a password in the wrong field: it is not written down.
  const std::string target = verdict.user.id == 0 ? "" : FormatUserName(verdict.user.name);
  const absl::Status status = parts_.store.AppendAudit(
      AuditLine(AuditActor{"", address}, "sign_in.refuse", target,
                {{"with", verdict.by_code ? "code" : "password"}, {"why", verdict.refusal}}));
  (void)status;  // the store has logged it, and the person is refused in any case
  return absl::UnauthenticatedError(
      verdict.by_code ? "this code signs nobody in; a code works once, and for 24 hours"
                      : "this username and password do not sign anybody in");
}

absl::Status SignInDesk::SetUp(const std::string& address, const v1::SetUpRequest& request,
                               v1::SignInResponse& response) {
  absl::Status status = CheckSetUpCode(request.set_up_code(), address);
  if (status.ok()) status = CheckResourceId("user_id", request.user_id());
  if (status.ok()) status = CheckEmail("email", request.email());
  if (!status.ok()) return status;
  status = CheckPasswordRules(request.password());
  if (!status.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("password: ", status.message()));
  }
  const absl::StatusOr<SiteSettings> settings = parts_.store.GetSettings();
  if (!settings.ok()) return settings.status();
  const absl::StatusOr<KeyPair> key = KeyPair::Generate(NewKeysAlgorithm(*settings));
  if (!key.ok()) return key.status();
  absl::StatusOr<std::string> hash = HashPassword(request.password());
  if (!hash.ok()) return hash.status();

  NewCredential token = MintCredential(CredentialKind::kUser);
  NewUser user;
  user.name = request.user_id();
  user.email = request.email();
  user.site_manager = true;
  user.key = SealKeyPair(parts_.vault, *key, UserKeyOwner(user.name));
  user.token = token.hashed;
  user.token_details = SignInToken(*settings, "", /*by_code=*/false);
  user.password_hash = *std::move(hash);
  const std::string name = FormatUserName(user.name);
  AuditDetail detail = Describe("set-up code", user.name, token, user.token_details);
  detail["email"] = user.email;
  const absl::StatusOr<UserRecord> made = parts_.store.CreateFirstUser(
      user, AuditLine(AuditActor{name, address}, "set_up", name, detail));
  if (absl::IsFailedPrecondition(made.status())) return absl::FailedPreconditionError(kSetUpDone);
  if (!made.ok()) return made.status();
  if (parts_.on_set_up != nullptr) parts_.on_set_up();
  parts_.limits.OnSuccess("", HostOf(address), absl::Now());
  Write(token, user.token_details, *made, response);
  return absl::OkStatus();
}

absl::Status SignInDesk::CheckSetUpCode(const std::string& code, const std::string& address) {
  const absl::StatusOr<bool> done = parts_.store.HadFirstUser();
  if (!done.ok()) return done.status();
  if (*done) return absl::FailedPreconditionError(kSetUpDone);
  if (absl::Status status = TakeAttempt("", address); !status.ok()) return status;
  const absl::StatusOr<HashedCredential> shown = ParseCredential(code);
  const absl::StatusOr<HashedCredential> known = parts_.store.GetSetUpCode();
  if (!known.ok() && !absl::IsNotFound(known.status())) return known.status();
  if (known.ok() && shown.ok() && known->id == shown->id && SameSecret(*known, *shown)) {
    return absl::OkStatus();
  }
  (void)parts_.store.AppendAudit(AuditLine(AuditActor{"", address}, "sign_in.refuse", "",
                                           {{"with", "set-up code"}, {"why", "unknown code"}}));
  return absl::UnauthenticatedError(
      "this is not the set-up code; the coordinator says at its start which file has it");
}

absl::Status SignInDesk::SignOut(const Caller& caller) {
  const absl::Status status = parts_.store.DeleteToken(
      caller.user.id, caller.token.hashed.id,
      AuditLine(caller, "sign_in.end", FormatTokenName(caller.user.name, caller.token.hashed.id)));
  return absl::IsNotFound(status) ? absl::OkStatus() : status;  // somebody else was faster
}

}  // namespace homeport
