#include "coordinator/user_messages.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "base/key_fingerprint.h"
#include "coordinator/caller.h"
#include "coordinator/resource_name.h"
#include "coordinator/timestamps.h"

namespace homeport {
namespace {

struct AlgorithmWords {
  KeyAlgorithm algorithm;
  v1::KeyAlgorithm value;
  absl::string_view name;
};
constexpr AlgorithmWords kAlgorithms[] = {
    {KeyAlgorithm::kEd25519, v1::KEY_ALGORITHM_ED25519, "ssh-ed25519"},
    {KeyAlgorithm::kEcdsaP256, v1::KEY_ALGORITHM_ECDSA_P256, "ecdsa-sha2-nistp256"},
    {KeyAlgorithm::kRsa4096, v1::KEY_ALGORITHM_RSA_4096, "ssh-rsa"},
};

struct RoleWords {
  v1::Role value;
  absl::string_view name;
};
constexpr RoleWords kRoles[] = {
    {v1::ROLE_MEMBER, kRoleMember},
    {v1::ROLE_AUDITOR, kRoleAuditor},
    {v1::ROLE_SITE_MANAGER, kRoleSiteManager},
};

absl::Status NoSuchRole(absl::string_view field, int role) {
  return absl::InvalidArgumentError(
      absl::StrCat(field, " has the unknown role ", role,
                   "; there are ROLE_MEMBER, ROLE_AUDITOR and ROLE_SITE_MANAGER"));
}

}  // namespace

v1::User ToProto(const UserRecord& record) {
  v1::User user;
  user.set_name(FormatUserName(record.name));
  user.set_email(record.email);
  for (const v1::Role role : RoleValues({record.site_manager, record.auditor})) {
    user.add_roles(role);
  }
  user.set_state(record.suspended ? v1::USER_STATE_SUSPENDED : v1::USER_STATE_ACTIVE);
  user.set_public_key(AuthorizedKeysLine(record.public_key, KeyComment(record)));
  user.set_key_fingerprint(KeyFingerprint(record.public_key));
  if (const std::optional<KeyAlgorithm> algorithm = KeyAlgorithmOf(record.public_key)) {
    user.set_key_algorithm(ToProto(*algorithm));
  }
  user.set_has_password(record.has_password);
  *user.mutable_create_time() = ToTimestamp(record.create_time);
  if (record.key_create_time != absl::InfinitePast()) {
    *user.mutable_key_create_time() = ToTimestamp(record.key_create_time);
  }
  if (record.key_last_used_time != absl::InfinitePast()) {
    *user.mutable_key_last_used_time() = ToTimestamp(record.key_last_used_time);
  }
  if (record.last_sign_in_time != absl::InfinitePast()) {
    *user.mutable_last_sign_in_time() = ToTimestamp(record.last_sign_in_time);
  }
  return user;
}

v1::Token ToProto(const CredentialRecord& record, absl::string_view user_name) {
  v1::Token token;
  token.set_name(FormatTokenName(user_name, record.hashed.id));
  token.set_display_name(record.details.display_name);
  for (const RoleWords& role : kRoles) {
    if (role.name == record.details.role) token.set_role(role.value);
  }
  *token.mutable_create_time() = ToTimestamp(record.create_time);
  if (record.details.expire_time != absl::InfiniteFuture()) {
    *token.mutable_expire_time() = ToTimestamp(record.details.expire_time);
  }
  if (record.last_used_time != absl::InfinitePast()) {
    *token.mutable_last_used_time() = ToTimestamp(record.last_used_time);
  }
  token.set_last_used_address(record.last_used_address);
  token.set_sign_in(record.details.sign_in);
  return token;
}

v1::PublicKey ToProto(const OwnKeyRecord& record, absl::string_view user_name) {
  v1::PublicKey key;
  key.set_name(FormatPublicKeyName(user_name, record.id));
  key.set_display_name(record.name);
  key.set_public_key(AuthorizedKeysLine(record.public_key, record.name));
  key.set_fingerprint(KeyFingerprint(record.public_key));
  *key.mutable_create_time() = ToTimestamp(record.create_time);
  if (record.last_used_time != absl::InfinitePast()) {
    *key.mutable_last_used_time() = ToTimestamp(record.last_used_time);
  }
  return key;
}

std::string KeyComment(const UserRecord& user) { return absl::StrCat("homeport:", user.email); }

absl::StatusOr<UserRoles> ReadRoles(const v1::User& user) {
  UserRoles roles;
  for (const int role : user.roles()) {
    if (role == v1::ROLE_SITE_MANAGER) {
      roles.site_manager = true;
    } else if (role == v1::ROLE_AUDITOR) {
      roles.auditor = true;
    } else if (role != v1::ROLE_MEMBER) {
      return NoSuchRole("user.roles", role);
    }
  }
  return roles;
}

absl::StatusOr<bool> ReadSuspended(const v1::User& user) {
  switch (static_cast<int>(user.state())) {
    case v1::USER_STATE_UNSPECIFIED:
    case v1::USER_STATE_ACTIVE:
      return false;
    case v1::USER_STATE_SUSPENDED:
      return true;
    default:
      return absl::InvalidArgumentError(
          absl::StrCat("user.state has the unknown value ", static_cast<int>(user.state()),
                       "; there are USER_STATE_ACTIVE and USER_STATE_SUSPENDED"));
  }
}

std::vector<std::string> RoleNames(const UserRoles& roles) {
  std::vector<std::string> names = {kRoleMember};
  if (roles.auditor) names.emplace_back(kRoleAuditor);
  if (roles.site_manager) names.emplace_back(kRoleSiteManager);
  return names;
}

std::vector<v1::Role> RoleValues(const UserRoles& roles) {
  std::vector<v1::Role> values = {v1::ROLE_MEMBER};
  if (roles.auditor) values.push_back(v1::ROLE_AUDITOR);
  if (roles.site_manager) values.push_back(v1::ROLE_SITE_MANAGER);
  return values;
}

absl::StatusOr<std::string> TokenRoleName(v1::Role role) {
  if (role == v1::ROLE_UNSPECIFIED) return std::string();
  for (const RoleWords& words : kRoles) {
    if (words.value == role) return std::string(words.name);
  }
  return NoSuchRole("token.role", role);
}

v1::KeyAlgorithm ToProto(KeyAlgorithm algorithm) {
  for (const AlgorithmWords& words : kAlgorithms) {
    if (words.algorithm == algorithm) return words.value;
  }
  return v1::KEY_ALGORITHM_UNSPECIFIED;
}

absl::StatusOr<KeyAlgorithm> ReadKeyAlgorithm(absl::string_view field, v1::KeyAlgorithm algorithm) {
  for (const AlgorithmWords& words : kAlgorithms) {
    if (words.value == algorithm) return words.algorithm;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      field, " must be KEY_ALGORITHM_ED25519, KEY_ALGORITHM_ECDSA_P256 or KEY_ALGORITHM_RSA_4096"));
}

std::string KeyAlgorithmName(KeyAlgorithm algorithm) {
  for (const AlgorithmWords& words : kAlgorithms) {
    if (words.algorithm == algorithm) return std::string(words.name);
  }
  return "";
}

KeyAlgorithm NewKeysAlgorithm(const SiteSettings& settings) {
  for (const AlgorithmWords& words : kAlgorithms) {
    if (words.name == settings.key_algorithm) return words.algorithm;
  }
  return KeyAlgorithm::kEd25519;
}

}  // namespace homeport
