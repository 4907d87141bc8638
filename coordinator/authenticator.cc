#include "coordinator/authenticator.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "coordinator/identity/web_token.h"
#include "coordinator/resource_name.h"

namespace homeport {
namespace {

absl::Status Unknown() {
  return absl::UnauthenticatedError(
      "this credential is not known here; it may have been deleted or replaced");
}

// A record that vanished between two look-ups took its credential along.
template <typename Record>
absl::StatusOr<Record> OrUnknown(absl::StatusOr<Record> record) {
  if (absl::IsNotFound(record.status())) return Unknown();
  return record;
}

}  // namespace

absl::StatusOr<CredentialRecord> Authenticator::Verify(absl::string_view token,
                                                       CredentialKind wanted) {
  const absl::StatusOr<HashedCredential> shown = ParseCredential(token);
  if (!shown.ok()) return shown.status();
  absl::StatusOr<CredentialRecord> known = OrUnknown(store_.FindCredential(shown->id));
  if (!known.ok()) return known;
  if (!SameSecret(known->hashed, *shown)) return Unknown();
  if (shown->kind != wanted) {
    return absl::PermissionDeniedError(absl::StrCat("this is ", CredentialKindName(shown->kind),
                                                    "; the call needs ",
                                                    CredentialKindName(wanted)));
  }
  if (known->details.expire_time <= absl::Now()) {
    return absl::UnauthenticatedError(
        wanted == CredentialKind::kUser ? "this token has expired" : "this credential has expired");
  }
  return known;
}

absl::StatusOr<Caller> Authenticator::User(absl::string_view token) {
  absl::StatusOr<CredentialRecord> known = Verify(token, CredentialKind::kUser);
  if (!known.ok()) return known.status();
  absl::StatusOr<UserRecord> user = OrUnknown(store_.GetUserById(known->user_id));
  if (!user.ok()) return user.status();
  if (user->suspended) {
    return absl::UnauthenticatedError(
        absl::StrCat(FormatUserName(user->name), " is suspended; a site manager can say why"));
  }
  Caller caller;
  caller.user = *std::move(user);
  caller.token = *std::move(known);
  const std::string& role = caller.token.details.role;
  const bool whole = role.empty() || role == kRoleSiteManager;
  caller.site_manager = whole && caller.user.site_manager;
  // Site managers may do what auditors may, so a token of theirs may be limited to that.
  caller.auditor = whole
                       ? caller.user.auditor
                       : role == kRoleAuditor && (caller.user.auditor || caller.user.site_manager);
  return caller;
}

bool Authenticator::IsPodToken(absl::string_view token) const {
  return kubernetes_ != nullptr && LooksLikeWebToken(token);
}

bool Authenticator::MayBlock(absl::string_view token, Trust trust) const {
  return IsPodToken(token) && kubernetes_->MayBlock(token, trust);
}

absl::StatusOr<AgentCaller> Authenticator::Agent(absl::string_view token, Trust trust) {
  if (IsPodToken(token)) {
    absl::StatusOr<PodWorkspace> found = kubernetes_->Workspace(token, trust);
    if (!found.ok()) return found.status();
    return AgentCaller{std::move(found->workspace), "", std::move(found->pod)};
  }
  const absl::StatusOr<CredentialRecord> known = Verify(token, CredentialKind::kWorkspace);
  if (!known.ok()) return known.status();
  absl::StatusOr<WorkspaceRecord> workspace =
      OrUnknown(store_.GetWorkspaceById(known->workspace_id));
  if (!workspace.ok()) return workspace.status();
  return AgentCaller{*std::move(workspace), known->hashed.id, std::nullopt};
}

absl::Status Authenticator::Proxy(absl::string_view token, Trust trust) {
  if (IsPodToken(token)) return kubernetes_->Proxy(token, trust);
  return Verify(token, CredentialKind::kProxy).status();
}

}  // namespace homeport
