#include "coordinator/token_administration.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "coordinator/audit_line.h"
#include "coordinator/keys/credential.h"
#include "coordinator/keys/secret.h"
#include "coordinator/page.h"
#include "coordinator/resource_name.h"
#include "coordinator/text_rules.h"
#include "coordinator/timestamps.h"
#include "coordinator/user_messages.h"

namespace homeport {
namespace {

constexpr absl::Duration kUsualLifetime = absl::Hours(24 * 90);
constexpr absl::Duration kLongestLifetime = absl::Hours(24 * 366);  // a year, leap years too

// What the new token may do at most: what is asked for, and never more than the caller's token.
absl::StatusOr<std::string> ReadRole(const Caller& caller, v1::Role role) {
  absl::StatusOr<std::string> name = TokenRoleName(role);
  if (!name.ok()) return name;
  if (name->empty()) return IsLimited(caller) ? caller.token.details.role : std::string();
  const bool allowed = *name == kRoleMember ||
                       (*name == kRoleAuditor && (caller.auditor || caller.site_manager)) ||
                       (*name == kRoleSiteManager && caller.site_manager);
  if (allowed) return name;
  return absl::PermissionDeniedError(absl::StrCat("token.role: you do not have the role ", *name,
                                                  ", or the token that you use does not"));
}

absl::StatusOr<absl::Time> ReadExpireTime(const v1::Token& token, absl::Time now) {
  if (!token.has_expire_time()) return now + kUsualLifetime;
  const absl::StatusOr<absl::Time> time = ReadTimestamp("token.expire_time", token.expire_time());
  if (!time.ok() || (*time > now && *time <= now + kLongestLifetime)) return time;
  return absl::InvalidArgumentError("token.expire_time must be in the future, at most a year");
}

}  // namespace

absl::Status TokenAdministration::Create(const Caller& caller,
                                         const v1::CreateTokenRequest& request,
                                         v1::Token& response) {
  const absl::StatusOr<std::string> name = ParseUserName(request.parent());
  if (!name.ok()) return name.status();
  const v1::Token& wanted = request.token();
  if (absl::Status status = CheckLine("token.display_name", wanted.display_name(), kMostNameBytes);
      !status.ok()) {
    return status;
  }
  const absl::StatusOr<std::string> role = ReadRole(caller, wanted.role());
  if (!role.ok()) return role.status();
  const absl::StatusOr<absl::Time> expire_time = ReadExpireTime(wanted, absl::Now());
  if (!expire_time.ok()) return expire_time.status();

  NewCredential token = MintCredential(CredentialKind::kUser);
  TokenDetails details;
  details.display_name = wanted.display_name();
  details.role = *role;
  details.expire_time = *expire_time;
  const absl::StatusOr<CredentialRecord> made =
      store_.CreateToken(caller.user.id, token.hashed, details,
                         AuditLine(caller, "token.create", FormatTokenName(*name, token.hashed.id),
                                   {{"display_name", details.display_name},
                                    {"role", details.role},
                                    {"expire_time", AuditTime(details.expire_time)}}));
  if (!made.ok()) return made.status();
  response = ToProto(*made, *name);
  response.set_secret(token.token);
  WipeSecret(token.token);
  return absl::OkStatus();
}

absl::Status TokenAdministration::List(const Caller&, const v1::ListTokensRequest& request,
                                       v1::ListTokensResponse& response) {
  const absl::StatusOr<std::string> name = ParseUserName(request.parent());
  if (!name.ok()) return name.status();
  const absl::StatusOr<int> size = PageSize(request.page_size());
  if (!size.ok()) return size.status();
  const std::string listing = absl::StrCat("tokens of ", *name);
  const absl::StatusOr<int64_t> before = ParseNumberToken(request.page_token(), listing);
  if (!before.ok()) return before.status();
  const absl::StatusOr<UserRecord> user = store_.GetUser(*name);
  if (absl::IsNotFound(user.status())) return ResourceNotFound(request.parent());
  if (!user.ok()) return user.status();
  // One more than asked for says whether there is another page.
  const absl::StatusOr<std::vector<CredentialRecord>> tokens =
      store_.ListTokens(user->id, *before, *size + 1);
  if (!tokens.ok()) return tokens.status();
  for (const CredentialRecord& token : *tokens) {
    if (response.tokens_size() == *size) {
      const CredentialRecord& last = tokens->at(static_cast<size_t>(*size - 1));
      response.set_next_page_token(MakeNumberToken(listing, last.number));
      break;
    }
    *response.add_tokens() = ToProto(token, *name);
  }
  return absl::OkStatus();
}

absl::Status TokenAdministration::Delete(const Caller& caller,
                                         const v1::DeleteTokenRequest& request,
                                         v1::DeleteTokenResponse&) {
  const absl::StatusOr<TokenName> name = ParseTokenName(request.name());
  if (!name.ok()) return name.status();
  const absl::StatusOr<UserRecord> user = store_.GetUser(name->user);
  absl::Status status = user.status();
  if (status.ok()) {
    status = store_.DeleteToken(user->id, name->token,
                                AuditLine(caller, "token.delete", request.name()));
  }
  return absl::IsNotFound(status) ? ResourceNotFound(request.name()) : status;
}

}  // namespace homeport
