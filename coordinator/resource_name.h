// Resource names (Google AIP-122): `users/{user}`, `providers/{provider}`,
// `users/{user}/workspaces/{workspace}`, `users/{user}/tokens/{token}`,
// `users/{user}/publicKeys/{key}`. Each part is a DNS label, a key's a number.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_RESOURCE_NAME_H_
#define HOMEPORT_COORDINATOR_RESOURCE_NAME_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace homeport {

struct WorkspaceName {
  std::string user;
  std::string workspace;
};

struct TokenName {
  std::string user;
  std::string token;
};

struct PublicKeyName {
  std::string user;
  int64_t key = 0;
};

std::string FormatUserName(absl::string_view user);
std::string FormatProviderName(absl::string_view provider);
std::string FormatWorkspaceName(absl::string_view user, absl::string_view workspace);
std::string FormatTokenName(absl::string_view user, absl::string_view token);
std::string FormatPublicKeyName(absl::string_view user, int64_t key);
// The agent of a workspace that is named by its resource name.
std::string FormatAgentName(absl::string_view workspace_name);

// The parts that name the resource. INVALID_ARGUMENT says how a name looks.
absl::StatusOr<std::string> ParseUserName(absl::string_view name);
absl::StatusOr<std::string> ParseProviderName(absl::string_view name);
absl::StatusOr<WorkspaceName> ParseWorkspaceName(absl::string_view name);
absl::StatusOr<TokenName> ParseTokenName(absl::string_view name);
absl::StatusOr<PublicKeyName> ParsePublicKeyName(absl::string_view name);

// INVALID_ARGUMENT with the name of the field unless `id` is a DNS label.
absl::Status CheckResourceId(absl::string_view field, absl::string_view id);

// What is said of a resource that does not exist, and in the same words of one that is not the
// caller's.
absl::Status ResourceNotFound(absl::string_view name);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_RESOURCE_NAME_H_
