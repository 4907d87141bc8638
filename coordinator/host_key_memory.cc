#include "coordinator/host_key_memory.h"

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "base/key_fingerprint.h"
#include "base/logging.h"
#include "base/ssh_wire.h"
#include "coordinator/resource_name.h"
#include "nlohmann/json.hpp"

namespace homeport {
namespace {

using Keys = std::vector<std::string>;

// By algorithm.
std::map<std::string, std::string> ByAlgorithm(const Keys& keys) {
  std::map<std::string, std::string> by_algorithm;
  for (const std::string& key : keys) by_algorithm[std::string(WireReader(key).String())] = key;
  return by_algorithm;
}

Keys Describe(const Keys& keys) {
  Keys described;
  for (const std::string& key : keys) described.push_back(DescribeKey(key));
  return described;
}

// What is known once `reported` has been seen.
KnownHostKeys Merge(const KnownHostKeys& known, const Keys& reported, absl::Time now) {
  std::map<std::string, std::string> keys = ByAlgorithm(known.keys);
  bool changed = false, common = keys.empty();
  for (const auto& [algorithm, key] : ByAlgorithm(reported)) {
    const auto [place, is_new] = keys.try_emplace(algorithm, key);
    common = common || !is_new;
    changed = changed || place->second != key;
  }
  if (changed || !common) return {reported, known.keys, now};
  KnownHostKeys merged = known;
  merged.keys.clear();
  for (const auto& [algorithm, key] : keys) merged.keys.push_back(key);
  return merged;
}

AuditRecord ChangeRecord(const WorkspaceRecord& workspace, const KnownHostKeys& keys,
                         const std::string& address) {
  const std::string name = FormatWorkspaceName(workspace.owner, workspace.name);
  nlohmann::ordered_json detail;
  detail["backend"] = "openssh";
  detail["old"] = Describe(keys.old_keys);
  detail["new"] = Describe(keys.keys);
  Logger("agent")->warn(
      "workspace={}: its OpenSSH shows other host keys than before: {} and not {}", name,
      absl::StrJoin(Describe(keys.keys), ", "), absl::StrJoin(Describe(keys.old_keys), ", "));
  return {0,    keys.change_time, FormatAgentName(name), "workspace.host_key_changed",
          name, address,          detail.dump()};
}

}  // namespace

void HostKeyMemory::Note(const Report& report) {
  if (report.keys.empty()) return;
  absl::MutexLock lock(&mutex_);
  int64_t& noted = noted_[report.workspace_id];
  if (noted > report.ticket) return;
  noted = report.ticket;
  const absl::StatusOr<WorkspaceRecord> workspace = store_.GetWorkspaceById(report.workspace_id);
  if (!workspace.ok()) return;  // deleted, or the store has said why
  const KnownHostKeys& known = workspace->openssh_host_keys;
  const KnownHostKeys merged = Merge(known, report.keys, absl::Now());
  if (merged.keys == known.keys) return;
  std::optional<AuditRecord> change;
  if (merged.change_time != known.change_time) {
    change = ChangeRecord(*workspace, merged, report.address);
  }
  const absl::Status status = store_.SetOpenSshHostKeys(report.workspace_id, merged,
                                                        change.has_value() ? &*change : nullptr);
  if (status.ok() || absl::IsNotFound(status)) return;
  Logger("agent")->error("workspace={}: its host keys cannot be remembered: {}",
                         FormatWorkspaceName(workspace->owner, workspace->name),
                         std::string(status.message()));
}

}  // namespace homeport
