#include "coordinator/access.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "coordinator/resource_name.h"

namespace homeport {
namespace {

struct Rule {
  absl::string_view method;
  Access access;
};

constexpr Rule kRules[] = {
    {"GetCaller", Access::kAny},
    {"GetFrontDoor", Access::kAny},

    {"CreateUser", Access::kSiteManager},
    {"GetUser", Access::kOwnOrAuditor},
    {"ListUsers", Access::kAuditor},
    {"UpdateUser", Access::kSiteManager},
    {"DeleteUser", Access::kSiteManager},
    {"SetPassword", Access::kOwnAlone},
    {"CreateSignInCode", Access::kSiteManager},

    {"CreateToken", Access::kOwnAlone},
    {"ListTokens", Access::kOwnOrAuditor},
    {"DeleteToken", Access::kOwn},

    {"RegenerateKey", Access::kOwn},
    {"DownloadPrivateKey", Access::kOwnAlone},
    {"CreatePublicKey", Access::kOwnAlone},
    {"ListPublicKeys", Access::kOwnOrAuditor},
    {"DeletePublicKey", Access::kOwn},

    {"CreateProvider", Access::kSiteManager},
    {"GetProvider", Access::kAuditor},
    {"ListProviders", Access::kAuditor},
    {"UpdateProvider", Access::kSiteManager},
    {"DeleteProvider", Access::kSiteManager},

    {"CreateWorkspace", Access::kSiteManager},
    {"GetWorkspace", Access::kOwnOrAuditor},
    {"ListWorkspaces", Access::kOwnOrAuditor},
    {"UpdateWorkspace", Access::kOwn},
    {"DeleteWorkspace", Access::kSiteManager},
    {"RotateCredential", Access::kSiteManager},
    {"RevokeCredential", Access::kSiteManager},

    {"ListSessions", Access::kOwnOrAuditor},
    {"WatchSessions", Access::kOwnOrAuditor},
    {"EndSessions", Access::kOwn},

    {"ListReplicas", Access::kAuditor},
    {"GetSettings", Access::kAuditor},
    {"UpdateSettings", Access::kSiteManager},

    {"ListAuditEntries", Access::kAuditor},
    {"VerifyAudit", Access::kAuditor},
};

// Whether `resource` is `users/{name of the caller}` or something below it.
bool IsOwn(const Caller& caller, absl::string_view resource) {
  const std::vector<absl::string_view> parts = absl::StrSplit(resource, '/');
  return parts.size() >= 2 && parts[0] == "users" && parts[1] == caller.user.name;
}

absl::Status NeedsRole(const Caller& caller, absl::string_view method, absl::string_view role) {
  return absl::PermissionDeniedError(
      IsLimited(caller)
          ? absl::StrCat(method, " needs the role ", role, ", which this token does not have")
          : absl::StrCat(method, " needs the role ", role, ", which ",
                         FormatUserName(caller.user.name), " does not have"));
}

// Of somebody else's, or of all.
absl::Status NotOwn(const Caller& caller, absl::string_view method, absl::string_view resource) {
  if (caller.auditor) return NeedsRole(caller, method, kRoleSiteManager);
  if (resource.empty() || resource == "users/-") {
    return absl::PermissionDeniedError(absl::StrCat(
        "you may not ask for everybody's; ask for that of ", FormatUserName(caller.user.name)));
  }
  return ResourceNotFound(resource);
}

}  // namespace

Access AccessOf(absl::string_view method) {
  for (const Rule& rule : kRules) {
    if (rule.method == method) return rule.access;
  }
  return Access::kNobody;
}

absl::Status Authorize(const Caller& caller, absl::string_view method, absl::string_view resource) {
  const bool reader = caller.auditor || caller.site_manager;
  switch (AccessOf(method)) {
    case Access::kAny:
      return absl::OkStatus();
    case Access::kOwn:
      if (caller.site_manager || IsOwn(caller, resource)) return absl::OkStatus();
      return NotOwn(caller, method, resource);
    case Access::kOwnOrAuditor:
      if (reader || IsOwn(caller, resource)) return absl::OkStatus();
      return NotOwn(caller, method, resource);
    case Access::kOwnAlone:
      if (IsOwn(caller, resource)) return absl::OkStatus();
      return absl::PermissionDeniedError(absl::StrCat(
          "this is given to its own user alone; you are ", FormatUserName(caller.user.name)));
    case Access::kAuditor:
      return reader ? absl::OkStatus() : NeedsRole(caller, method, kRoleAuditor);
    case Access::kSiteManager:
      return caller.site_manager ? absl::OkStatus() : NeedsRole(caller, method, kRoleSiteManager);
    case Access::kNobody:
      break;
  }
  return absl::PermissionDeniedError(absl::StrCat(method, " is open to nobody"));
}

}  // namespace homeport
