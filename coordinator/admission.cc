#include "coordinator/admission.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace homeport {
namespace {

v1::SessionPolicy ToPolicy(const ProviderFeatures& features) {
  v1::SessionPolicy policy;
  policy.set_port_forwarding(features.port_forwarding);
  policy.set_file_transfer(features.file_transfer);
  policy.set_agent_forwarding(features.agent_forwarding);
  policy.set_x11_forwarding(features.x11_forwarding);
  return policy;
}

}  // namespace

std::string Verdict::RefusalSentence() const {
  switch (kind) {
    case Kind::kSuspended:
      return "Your account is suspended. Ask a site manager.";
    case Kind::kExternalConnectOff:
      return absl::StrCat(
          "SSH is disabled on this workspace: External Connect is off for its provider ", provider,
          ". A site manager can switch it on.");
    case Kind::kWorkspaceGone:
      return "The workspace was deleted.";
    case Kind::kKeyGone:
    case Kind::kUserGone:
    case Kind::kAllowed:
      break;
  }
  return "Your key was removed. Sign in with another one.";
}

std::string Verdict::EndingSentence(const Session& session) const {
  switch (kind) {
    case Kind::kUserGone:
      return "Your account was deleted.";
    case Kind::kSuspended:
      return "Your account was suspended.";
    case Kind::kKeyGone:
      // An assigned key cannot be removed; somebody has made another.
      return absl::StrCat("The key that this connection signed in with was ",
                          session.assigned_key ? "regenerated." : "removed.");
    case Kind::kExternalConnectOff:
      return absl::StrCat(
          "SSH was disabled on this workspace: External Connect was switched off for its provider ",
          provider, ".");
    case Kind::kWorkspaceGone:
    case Kind::kAllowed:
      break;
  }
  return "The workspace was deleted.";
}

absl::StatusOr<Verdict> Admission::Judge(const Session& session) {
  Verdict verdict;
  const auto is = [&verdict](Verdict::Kind kind) {
    verdict.kind = kind;
    return verdict;
  };
  const User& user = FindUser(session.user_id);
  if (absl::IsNotFound(user.record.status())) return is(Verdict::Kind::kUserGone);
  if (!user.record.ok()) return user.record.status();
  if (user.record->suspended) return is(Verdict::Kind::kSuspended);
  if (!session.entry_key.empty()) {
    if (!user.keys.ok()) return user.keys.status();
    if (user.keys->count(session.entry_key) == 0) return is(Verdict::Kind::kKeyGone);
  }
  const absl::StatusOr<WorkspaceRecord>& workspace = FindWorkspace(session.workspace_id);
  if (absl::IsNotFound(workspace.status())) return is(Verdict::Kind::kWorkspaceGone);
  if (!workspace.ok()) return workspace.status();
  if (workspace->owner_id != session.user_id) return is(Verdict::Kind::kWorkspaceGone);
  const absl::StatusOr<ProviderRecord>& provider = FindProvider(workspace->provider);
  if (!provider.ok()) return provider.status();
  verdict.provider = provider->name;
  if (!provider->features.external_connect) return is(Verdict::Kind::kExternalConnectOff);
  verdict.policy = ToPolicy(provider->features);
  return verdict;
}

const Admission::User& Admission::FindUser(int64_t id) {
  const auto found = users_.find(id);
  if (found != users_.end()) return found->second;
  User user{store_.GetUserById(id), std::set<std::string>()};
  if (user.record.ok()) {
    const absl::StatusOr<std::vector<std::string>> keys = store_.ListKeyBlobs(id);
    if (keys.ok()) {
      user.keys = std::set<std::string>(keys->begin(), keys->end());
    } else {
      user.keys = keys.status();
    }
  }
  return users_.emplace(id, std::move(user)).first->second;
}

const absl::StatusOr<WorkspaceRecord>& Admission::FindWorkspace(int64_t id) {
  const auto found = workspaces_.find(id);
  if (found != workspaces_.end()) return found->second;
  return workspaces_.emplace(id, store_.GetWorkspaceById(id)).first->second;
}

const absl::StatusOr<ProviderRecord>& Admission::FindProvider(const std::string& name) {
  const auto found = providers_.find(name);
  if (found != providers_.end()) return found->second;
  return providers_.emplace(name, store_.GetProvider(name)).first->second;
}

}  // namespace homeport
