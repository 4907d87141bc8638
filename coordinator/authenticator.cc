#include "coordinator/authenticator.h"

#include "absl/strings/str_cat.h"

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
  return known;
}

absl::StatusOr<UserRecord> Authenticator::User(absl::string_view token) {
  const absl::StatusOr<CredentialRecord> known = Verify(token, CredentialKind::kUser);
  if (!known.ok()) return known.status();
  return OrUnknown(store_.GetUserById(known->user_id));
}

absl::StatusOr<WorkspaceRecord> Authenticator::Workspace(absl::string_view token) {
  const absl::StatusOr<CredentialRecord> known = Verify(token, CredentialKind::kWorkspace);
  if (!known.ok()) return known.status();
  return OrUnknown(store_.GetWorkspaceById(known->workspace_id));
}

absl::Status Authenticator::Proxy(absl::string_view token) {
  return Verify(token, CredentialKind::kProxy).status();
}

}  // namespace homeport
