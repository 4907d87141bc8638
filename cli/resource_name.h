// Resource names as people type them, and back.
//
// A person may write the short form or the resource name that the coordinator uses:
//   users       demo             users/demo
//   providers   local            providers/local
//   workspaces  dev  demo/dev    users/demo/workspaces/dev
//
// Errors are INVALID_ARGUMENT and say what is wrong with which name. Threads: any.
#ifndef HOMEPORT_CLI_RESOURCE_NAME_H_
#define HOMEPORT_CLI_RESOURCE_NAME_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace homeport {

// The bare name of a user or provider: "demo".
absl::StatusOr<std::string> ParseUserId(absl::string_view text);
absl::StatusOr<std::string> ParseProviderId(absl::string_view text);

struct WorkspaceReference {
  std::string owner;  // the user's bare name; empty: the caller
  std::string workspace;
};

absl::StatusOr<WorkspaceReference> ParseWorkspace(absl::string_view text);

// Resource names from bare names that were parsed above.
std::string UserName(absl::string_view user);
std::string ProviderName(absl::string_view provider);
std::string WorkspaceName(absl::string_view user, absl::string_view workspace);

// The last part of a resource name: "users/demo/workspaces/dev" is "dev".
std::string LastPart(absl::string_view name);
// The owner in a workspace's resource name: "demo". Empty if it is none.
std::string OwnerPart(absl::string_view workspace_name);

}  // namespace homeport

#endif  // HOMEPORT_CLI_RESOURCE_NAME_H_
