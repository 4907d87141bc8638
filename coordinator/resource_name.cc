#include "coordinator/resource_name.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/dns_label.h"
#include "base/logging.h"

namespace homeport {
namespace {

// The labels of `name` at the places of "*" in `pattern`; empty if it does not match.
std::vector<std::string> Match(absl::string_view name, absl::string_view pattern) {
  const std::vector<absl::string_view> parts = absl::StrSplit(name, '/');
  const std::vector<absl::string_view> wanted = absl::StrSplit(pattern, '/');
  std::vector<std::string> labels;
  if (parts.size() != wanted.size()) return {};
  for (size_t i = 0; i < parts.size(); ++i) {
    if (wanted[i] == "*" ? !IsDnsLabel(parts[i]) : parts[i] != wanted[i]) return {};
    if (wanted[i] == "*") labels.emplace_back(parts[i]);
  }
  return labels;
}

absl::Status Malformed(absl::string_view name, absl::string_view shape) {
  return absl::InvalidArgumentError(absl::StrCat("\"", Printable(name), "\" is not of the form ",
                                                 shape, ", each part ", kDnsLabelRule));
}

}  // namespace

std::string FormatUserName(absl::string_view user) { return absl::StrCat("users/", user); }

std::string FormatProviderName(absl::string_view provider) {
  return absl::StrCat("providers/", provider);
}

std::string FormatWorkspaceName(absl::string_view user, absl::string_view workspace) {
  return absl::StrCat("users/", user, "/workspaces/", workspace);
}

std::string FormatTokenName(absl::string_view user, absl::string_view token) {
  return absl::StrCat("users/", user, "/tokens/", token);
}

std::string FormatPublicKeyName(absl::string_view user, int64_t key) {
  return absl::StrCat("users/", user, "/publicKeys/", key);
}

std::string FormatAgentName(absl::string_view workspace_name) {
  return absl::StrCat(workspace_name, "/agent");
}

absl::StatusOr<std::string> ParseUserName(absl::string_view name) {
  const std::vector<std::string> labels = Match(name, "users/*");
  if (labels.empty()) return Malformed(name, "users/{user}");
  return labels[0];
}

absl::StatusOr<std::string> ParseProviderName(absl::string_view name) {
  const std::vector<std::string> labels = Match(name, "providers/*");
  if (labels.empty()) return Malformed(name, "providers/{provider}");
  return labels[0];
}

absl::StatusOr<WorkspaceName> ParseWorkspaceName(absl::string_view name) {
  const std::vector<std::string> labels = Match(name, "users/*/workspaces/*");
  if (labels.empty()) return Malformed(name, "users/{user}/workspaces/{workspace}");
  return WorkspaceName{labels[0], labels[1]};
}

absl::StatusOr<TokenName> ParseTokenName(absl::string_view name) {
  const std::vector<std::string> labels = Match(name, "users/*/tokens/*");
  if (labels.empty()) return Malformed(name, "users/{user}/tokens/{token}");
  return TokenName{labels[0], labels[1]};
}

absl::StatusOr<PublicKeyName> ParsePublicKeyName(absl::string_view name) {
  const std::vector<std::string> labels = Match(name, "users/*/publicKeys/*");
  int64_t key = 0;
  if (labels.empty() || !absl::SimpleAtoi(labels[1], &key)) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", Printable(name),
                     "\" is not of the form users/{user}/publicKeys/{key}, with a number as key"));
  }
  return PublicKeyName{labels[0], key};
}

absl::Status CheckResourceId(absl::string_view field, absl::string_view id) {
  if (IsDnsLabel(id)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(field, " is \"", Printable(id), "\"; it must be ", kDnsLabelRule));
}

absl::Status ResourceNotFound(absl::string_view name) {
  return absl::NotFoundError(absl::StrCat("\"", Printable(name), "\" was not found"));
}

}  // namespace homeport
