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
    {"GetCaller", Access::kAnyToken},
    {"GetFrontDoor", Access::kAnyToken},
    {"GetUser", Access::kOwner},
    {"GetWorkspace", Access::kOwner},
    {"ListWorkspaces", Access::kOwner},
    {"DownloadPrivateKey", Access::kOwnerAlone},
    {"CreateUser", Access::kSiteManager},
    {"ListUsers", Access::kSiteManager},
    {"DeleteUser", Access::kSiteManager},
    {"UpdateWorkspace", Access::kOwner},
    {"CreateProvider", Access::kSiteManager},
    {"GetProvider", Access::kSiteManager},
    {"ListProviders", Access::kSiteManager},
    {"UpdateProvider", Access::kSiteManager},
    {"DeleteProvider", Access::kSiteManager},
    {"CreateWorkspace", Access::kSiteManager},
    {"DeleteWorkspace", Access::kSiteManager},
    {"ListAuditEntries", Access::kSiteManager},
};

// Whether `resource` is `users/{name of the caller}` or something below it.
bool IsOwn(const UserRecord& caller, absl::string_view resource) {
  const std::vector<absl::string_view> parts = absl::StrSplit(resource, '/');
  return parts.size() >= 2 && parts[0] == "users" && parts[1] == caller.name;
}

}  // namespace

Access AccessOf(absl::string_view method) {
  for (const Rule& rule : kRules) {
    if (rule.method == method) return rule.access;
  }
  return Access::kNobody;
}

absl::Status Authorize(const UserRecord& caller, absl::string_view method,
                       absl::string_view resource) {
  switch (AccessOf(method)) {
    case Access::kAnyToken:
      return absl::OkStatus();
    case Access::kOwner:
      if (caller.site_manager || IsOwn(caller, resource)) return absl::OkStatus();
      if (resource.empty() || resource == "users/-") {
        return absl::PermissionDeniedError(absl::StrCat(
            "only a site manager may ask for everybody's; ask for ", FormatUserName(caller.name)));
      }
      return ResourceNotFound(resource);
    case Access::kOwnerAlone:
      if (IsOwn(caller, resource)) return absl::OkStatus();
      return absl::PermissionDeniedError(absl::StrCat(
          "this is given to its own user alone; you are ", FormatUserName(caller.name)));
    case Access::kSiteManager:
      if (caller.site_manager) return absl::OkStatus();
      return absl::PermissionDeniedError(
          absl::StrCat(method, " needs the role site-manager, which ", FormatUserName(caller.name),
                       " does not have"));
    case Access::kNobody:
      break;
  }
  return absl::PermissionDeniedError(absl::StrCat(method, " is open to nobody"));
}

}  // namespace homeport
