#include "cli/resource_name.h"

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/dns_label.h"
#include "base/logging.h"

namespace homeport {
namespace {

absl::StatusOr<std::string> ParseLabel(absl::string_view kind, absl::string_view text) {
  if (IsDnsLabel(text)) return std::string(text);
  return absl::InvalidArgumentError(
      absl::StrCat("\"", Printable(text), "\" is no name of a ", kind, "; it is ", kDnsLabelRule));
}

}  // namespace

absl::StatusOr<std::string> ParseUserId(absl::string_view text) {
  return ParseLabel("user", absl::StripPrefix(text, "users/"));
}

absl::StatusOr<std::string> ParseProviderId(absl::string_view text) {
  return ParseLabel("provider", absl::StripPrefix(text, "providers/"));
}

absl::StatusOr<WorkspaceReference> ParseWorkspace(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '/');
  absl::string_view owner;
  if (parts.size() == 2) {
    owner = parts[0];
  } else if (parts.size() == 4 && parts[0] == "users" && parts[2] == "workspaces") {
    owner = parts[1];
  } else if (parts.size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", Printable(text),
                     "\" is no name of a workspace; write WORKSPACE, OWNER/WORKSPACE or "
                     "users/OWNER/workspaces/WORKSPACE"));
  }
  WorkspaceReference reference;
  if (parts.size() > 1) {
    absl::StatusOr<std::string> user = ParseLabel("user", owner);
    if (!user.ok()) return user.status();
    reference.owner = *std::move(user);
  }
  absl::StatusOr<std::string> workspace = ParseLabel("workspace", parts.back());
  if (!workspace.ok()) return workspace.status();
  reference.workspace = *std::move(workspace);
  return reference;
}

std::string UserName(absl::string_view user) { return absl::StrCat("users/", user); }

std::string ProviderName(absl::string_view provider) {
  return absl::StrCat("providers/", provider);
}

std::string WorkspaceName(absl::string_view user, absl::string_view workspace) {
  return absl::StrCat("users/", user, "/workspaces/", workspace);
}

std::string LastPart(absl::string_view name) {
  const size_t slash = name.rfind('/');
  return std::string(slash == absl::string_view::npos ? name : name.substr(slash + 1));
}

std::string OwnerPart(absl::string_view workspace_name) {
  const std::vector<absl::string_view> parts = absl::StrSplit(workspace_name, '/');
  return parts.size() == 4 ? std::string(parts[1]) : std::string();
}

}  // namespace homeport
