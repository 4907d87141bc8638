#include "coordinator/user_administration.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "coordinator/audit_line.h"
#include "coordinator/field_mask.h"
#include "coordinator/keys/credential.h"
#include "coordinator/page.h"
#include "coordinator/resource_name.h"
#include "coordinator/text_rules.h"
#include "coordinator/user_keys.h"
#include "coordinator/user_messages.h"

namespace homeport {
namespace {

constexpr char kListing[] = "users";
constexpr absl::Duration kInitialTokenLifetime = absl::Hours(24 * 30);

std::string StateName(bool suspended) { return suspended ? "suspended" : "active"; }

// The fields that `mask` names, checked.
absl::StatusOr<UserChange> ReadChange(const v1::User& user,
                                      const google::protobuf::FieldMask& mask) {
  const absl::StatusOr<std::set<std::string>> fields =
      ReadFieldMask(mask, {"email", "roles", "state"});
  if (!fields.ok()) return fields.status();
  UserChange change;
  if (fields->count("email") > 0) {
    if (absl::Status status = CheckEmail("user.email", user.email()); !status.ok()) return status;
    change.email = user.email();
  }
  if (fields->count("roles") > 0) {
    const absl::StatusOr<UserRoles> roles = ReadRoles(user);
    if (!roles.ok()) return roles.status();
    change.site_manager = roles->site_manager;
    change.auditor = roles->auditor;
  }
  if (fields->count("state") > 0) {
    const absl::StatusOr<bool> suspended = ReadSuspended(user);
    if (!suspended.ok()) return suspended.status();
    change.suspended = *suspended;
  }
  return change;
}

AuditDetail Describe(const UserRecord& old, const UserChange& change) {
  AuditDetail detail = AuditDetail::object();
  if (change.email.has_value() && *change.email != old.email) {
    detail["email"] = OldAndNew(old.email, *change.email);
  }
  if (change.site_manager.has_value()) {
    const std::vector<std::string> was = RoleNames({old.site_manager, old.auditor});
    const std::vector<std::string> is = RoleNames({*change.site_manager, *change.auditor});
    if (was != is) detail["roles"] = OldAndNew(was, is);
  }
  if (change.suspended.has_value() && *change.suspended != old.suspended) {
    detail["state"] = OldAndNew(StateName(old.suspended), StateName(*change.suspended));
  }
  return detail;
}

}  // namespace

absl::Status UserAdministration::GetCaller(const Caller& caller, const v1::GetCallerRequest&,
                                           v1::Caller& response) {
  *response.mutable_user() = ToProto(caller.user);
  for (const v1::Role role : RoleValues({caller.site_manager, caller.auditor})) {
    response.add_roles(role);
  }
  *response.mutable_token() = ToProto(caller.token, caller.user.name);
  return absl::OkStatus();
}

absl::Status UserAdministration::Create(const Caller& caller, const v1::CreateUserRequest& request,
                                        v1::User& response) {
  absl::Status status = CheckResourceId("user_id", request.user_id());
  if (status.ok()) status = CheckEmail("user.email", request.user().email());
  if (!status.ok()) return status;
  const absl::StatusOr<UserRoles> roles = ReadRoles(request.user());
  if (!roles.ok()) return roles.status();
  const absl::StatusOr<bool> suspended = ReadSuspended(request.user());
  if (!suspended.ok()) return suspended.status();
  if (*suspended) {
    return absl::InvalidArgumentError("user.state: a user is active at first; suspend them later");
  }
  const absl::StatusOr<SiteSettings> settings = store_.GetSettings();
  if (!settings.ok()) return settings.status();
  const absl::StatusOr<KeyPair> key = KeyPair::Generate(NewKeysAlgorithm(*settings));
  if (!key.ok()) return key.status();

  NewCredential token = MintCredential(CredentialKind::kUser);
  NewUser user;
  user.name = request.user_id();
  user.email = request.user().email();
  user.site_manager = roles->site_manager;
  user.auditor = roles->auditor;
  user.key = SealKeyPair(vault_, *key, UserKeyOwner(user.name));
  user.token = token.hashed;
  user.token_details.display_name = "first steps";
  user.token_details.expire_time = absl::Now() + kInitialTokenLifetime;
  const absl::StatusOr<UserRecord> made =
      store_.CreateUser(user, AuditLine(caller, "user.create", FormatUserName(user.name),
                                        {{"email", user.email}, {"roles", RoleNames(*roles)}}));
  if (!made.ok()) return made.status();
  response = ToProto(*made);
  response.set_initial_token(token.token);
  WipeSecret(token.token);
  return absl::OkStatus();
}

absl::Status UserAdministration::Get(const Caller&, const v1::GetUserRequest& request,
                                     v1::User& response) {
  const absl::StatusOr<std::string> name = ParseUserName(request.name());
  if (!name.ok()) return name.status();
  const absl::StatusOr<UserRecord> user = store_.GetUser(*name);
  if (absl::IsNotFound(user.status())) return ResourceNotFound(request.name());
  if (user.ok()) response = ToProto(*user);
  return user.status();
}

absl::Status UserAdministration::List(const Caller&, const v1::ListUsersRequest& request,
                                      v1::ListUsersResponse& response) {
  const absl::StatusOr<int> size = PageSize(request.page_size());
  if (!size.ok()) return size.status();
  const absl::StatusOr<std::vector<std::string>> after =
      ParsePageToken(request.page_token(), kListing, 1);
  if (!after.ok()) return after.status();
  // One more than asked for says whether there is another page.
  const absl::StatusOr<std::vector<UserRecord>> users = store_.ListUsers(after->at(0), *size + 1);
  if (!users.ok()) return users.status();
  for (const UserRecord& user : *users) {
    if (response.users_size() == *size) {
      const UserRecord& last = users->at(static_cast<size_t>(*size - 1));
      response.set_next_page_token(MakePageToken(kListing, {last.name}));
      break;
    }
    *response.add_users() = ToProto(user);
  }
  return absl::OkStatus();
}

absl::Status UserAdministration::Update(const Caller& caller, const v1::UpdateUserRequest& request,
                                        v1::User& response) {
  const std::string& full_name = request.user().name();
  const absl::StatusOr<std::string> name = ParseUserName(full_name);
  if (!name.ok()) return name.status();
  const absl::StatusOr<UserChange> change = ReadChange(request.user(), request.update_mask());
  if (!change.ok()) return change.status();
  const absl::StatusOr<UserRecord> old = store_.GetUser(*name);
  if (absl::IsNotFound(old.status())) return ResourceNotFound(full_name);
  if (!old.ok()) return old.status();
  const absl::StatusOr<UserRecord> updated = store_.UpdateUser(
      *name, *change, AuditLine(caller, "user.update", full_name, Describe(*old, *change)));
  if (absl::IsNotFound(updated.status())) return ResourceNotFound(full_name);
  if (!updated.ok()) return updated.status();
  response = ToProto(*updated);
  *response.mutable_effect() = changes_.UserChanged(updated->id);
  return absl::OkStatus();
}

absl::Status UserAdministration::Delete(const Caller& caller, const v1::DeleteUserRequest& request,
                                        v1::Effect& response) {
  const absl::StatusOr<std::string> name = ParseUserName(request.name());
  if (!name.ok()) return name.status();
  const absl::StatusOr<UserRecord> deleted =
      store_.DeleteUser(*name, AuditLine(caller, "user.delete", request.name()));
  if (absl::IsNotFound(deleted.status())) return ResourceNotFound(request.name());
  if (!deleted.ok()) return deleted.status();
  response = changes_.UserChanged(deleted->id);
  return absl::OkStatus();
}

}  // namespace homeport
