#include "cli/user_text.h"

#include "absl/strings/str_cat.h"
#include "cli/resource_name.h"
#include "cli/resource_text.h"

namespace homeport {

Table UserTable(const v1::User& user) {
  Table table;
  table.AddRow({"name", LastPart(user.name())});
  table.AddRow({"email", user.email()});
  table.AddRow({"roles", RolesText(user)});
  if (user.state() != v1::USER_STATE_UNSPECIFIED) table.AddRow({"state", StateText(user)});
  table.AddRow({"public key", user.public_key()});
  if (!user.key_fingerprint().empty()) table.AddRow({"fingerprint", user.key_fingerprint()});
  if (user.has_key_create_time()) {
    table.AddRow({"key made", TimeText(user.key_create_time())});
    table.AddRow({"key last used",
                  user.has_key_last_used_time() ? TimeText(user.key_last_used_time()) : "never"});
  }
  if (user.has_last_sign_in_time()) {
    table.AddRow({"last sign-in", TimeText(user.last_sign_in_time())});
  }
  if (user.has_create_time()) table.AddRow({"created", TimeText(user.create_time())});
  if (!user.initial_token().empty()) table.AddRow({"token", user.initial_token()});
  return table;
}

Table TokenTable(const v1::Token& token) {
  Table table;
  table.AddRow({"name", LastPart(token.name())});
  table.AddRow({"for", token.display_name()});
  table.AddRow({"kind", token.sign_in() ? "sign-in" : "API token"});
  table.AddRow({"may", token.role() == v1::ROLE_UNSPECIFIED
                           ? "all that you may"
                           : EnumText(v1::Role_Name(token.role()), "ROLE_", token.role())});
  if (token.has_create_time()) table.AddRow({"created", TimeText(token.create_time())});
  if (token.has_expire_time()) table.AddRow({"expires", TimeText(token.expire_time())});
  if (!token.secret().empty()) table.AddRow({"token", token.secret()});
  return table;
}

Table PublicKeyTable(const v1::PublicKey& key) {
  Table table;
  table.AddRow({"name", LastPart(key.name())});
  table.AddRow({"for", key.display_name()});
  table.AddRow({"fingerprint", key.fingerprint()});
  table.AddRow({"public key", key.public_key()});
  if (key.has_create_time()) table.AddRow({"added", TimeText(key.create_time())});
  return table;
}

absl::StatusOr<v1::Role> ParseRole(const std::string& text) {
  for (const v1::Role role : {v1::ROLE_MEMBER, v1::ROLE_SITE_MANAGER, v1::ROLE_AUDITOR}) {
    if (text == EnumText(v1::Role_Name(role), "ROLE_", role)) return role;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", text, "\" is no role; roles are member, site-manager and auditor"));
}

}  // namespace homeport
