#include "coordinator/user_administration.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/logging.h"
#include "coordinator/keys/credential.h"
#include "coordinator/page.h"
#include "coordinator/resource_name.h"
#include "coordinator/timestamps.h"
#include "coordinator/user_keys.h"

namespace homeport {
namespace {

constexpr size_t kLongestEmail = 254;  // RFC 5321, 4.5.3.1.3
constexpr char kListing[] = "users";

// Enough to keep out what is no address at all; whether mail arrives is not for us to say.
absl::Status CheckEmail(absl::string_view email) {
  const size_t at = email.find('@');
  const bool one_at = at != absl::string_view::npos && at > 0 && at + 1 < email.size() &&
                      email.find('@', at + 1) == absl::string_view::npos;
  const bool visible = std::all_of(email.begin(), email.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte != 0x7f;
  });
  if (one_at && visible && email.size() <= kLongestEmail) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("user.email is \"", Printable(email),
                   "\"; it must be an address like name@example.com, without spaces, of at most ",
                   kLongestEmail, " bytes"));
}

// Whether the roles make a site manager. INVALID_ARGUMENT for a role that does not exist.
absl::StatusOr<bool> IsSiteManager(const v1::User& user) {
  bool site_manager = false;
  for (const int role : user.roles()) {
    if (role == v1::ROLE_SITE_MANAGER) {
      site_manager = true;
    } else if (role != v1::ROLE_MEMBER) {
      return absl::InvalidArgumentError(
          absl::StrCat("user.roles has the unknown role ", role,
                       "; there are ROLE_MEMBER and ROLE_SITE_MANAGER"));
    }
  }
  return site_manager;
}

std::string KeyComment(const UserRecord& user) { return absl::StrCat("homeport:", user.email); }

}  // namespace

v1::User UserAdministration::ToProto(const UserRecord& record) {
  v1::User user;
  user.set_name(FormatUserName(record.name));
  user.set_email(record.email);
  user.add_roles(v1::ROLE_MEMBER);
  if (record.site_manager) user.add_roles(v1::ROLE_SITE_MANAGER);
  user.set_public_key(AuthorizedKeysLine(record.public_key, KeyComment(record)));
  *user.mutable_create_time() = ToTimestamp(record.create_time);
  return user;
}

absl::Status UserAdministration::Create(const v1::CreateUserRequest& request, v1::User& response) {
  absl::Status status = CheckResourceId("user_id", request.user_id());
  if (status.ok()) status = CheckEmail(request.user().email());
  if (!status.ok()) return status;
  const absl::StatusOr<bool> site_manager = IsSiteManager(request.user());
  if (!site_manager.ok()) return site_manager.status();

  NewCredential token = MintCredential(CredentialKind::kUser);
  NewUser user;
  user.name = request.user_id();
  user.email = request.user().email();
  user.site_manager = *site_manager;
  user.key = SealKeyPair(vault_, Ed25519KeyPair::Generate(), UserKeyOwner(user.name));
  user.token = token.hashed;
  const absl::StatusOr<UserRecord> made = store_.CreateUser(
      user, {0, absl::Now(), "", "user.create", FormatUserName(user.name), "", "{}"});
  if (!made.ok()) return made.status();
  response = ToProto(*made);
  response.set_initial_token(token.token);
  WipeSecret(token.token);
  return absl::OkStatus();
}

absl::Status UserAdministration::Get(const v1::GetUserRequest& request, v1::User& response) {
  const absl::StatusOr<std::string> name = ParseUserName(request.name());
  if (!name.ok()) return name.status();
  const absl::StatusOr<UserRecord> user = store_.GetUser(*name);
  if (absl::IsNotFound(user.status())) return ResourceNotFound(request.name());
  if (user.ok()) response = ToProto(*user);
  return user.status();
}

absl::Status UserAdministration::List(const v1::ListUsersRequest& request,
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

absl::Status UserAdministration::Delete(const v1::DeleteUserRequest& request) {
  const absl::StatusOr<std::string> name = ParseUserName(request.name());
  if (!name.ok()) return name.status();
  absl::Status status =
      store_.DeleteUser(*name, {0, absl::Now(), "", "user.delete", request.name(), "", "{}"})
          .status();
  return absl::IsNotFound(status) ? ResourceNotFound(request.name()) : status;
}

absl::Status UserAdministration::DownloadPrivateKey(const v1::DownloadPrivateKeyRequest& request,
                                                    const UserRecord& caller,
                                                    v1::DownloadPrivateKeyResponse& response) {
  const absl::StatusOr<std::string> name = ParseUserName(request.name());
  if (!name.ok()) return name.status();
  const absl::StatusOr<KeyRecord> record = store_.GetUserKey(caller.id);
  if (!record.ok()) return record.status();
  const absl::StatusOr<KeyPair> pair = OpenKeyPair(vault_, *record, UserKeyOwner(caller.name));
  if (!pair.ok()) return pair.status();
  response.set_private_key(pair->OpenSshPrivateKey(KeyComment(caller)));
  return absl::OkStatus();
}

}  // namespace homeport
