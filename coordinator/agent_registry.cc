#include "coordinator/agent_registry.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/time/clock.h"
#include "google/protobuf/util/message_differencer.h"

namespace homeport {

namespace {

// How far the clocks of two replicas may be apart.
constexpr absl::Duration kClockSkew = absl::Hours(24);
constexpr char kNewerAgent[] = "a newer agent of this workspace has connected";

}  // namespace

AgentRegistry::AgentRegistry() : last_epoch_(absl::ToUnixMicros(absl::Now())) {}

int64_t AgentRegistry::NextEpoch(int64_t last) {
  const absl::Time now = absl::Now();
  absl::MutexLock lock(&mutex_);
  last_epoch_ = std::max(last_epoch_ + 1, absl::ToUnixMicros(now));
  const bool absurd = last > absl::ToUnixMicros(now + kClockSkew);
  return absurd ? last_epoch_ : std::max(last_epoch_, last + 1);
}

bool AgentRegistry::Register(int64_t workspace_id, ConnectedAgent agent,
                             v1::ConnectAgentResponse welcome) {
  std::shared_ptr<AgentWriter> older;
  {
    absl::MutexLock lock(&mutex_);
    seen_.insert(workspace_id);
    ConnectedAgent& current = agents_[workspace_id];
    if (current.epoch > agent.epoch) return false;
    older = std::move(current.writer);
    owners_.erase({current.owner_id, workspace_id});
    current = std::move(agent);
    owners_.insert({current.owner_id, workspace_id});
    current.writer->Write(std::move(welcome));
  }
  if (older != nullptr) {
    older->Finish(absl::AbortedError(kNewerAgent));
  }
  return true;
}

bool AgentRegistry::Unregister(int64_t workspace_id, int64_t epoch) {
  absl::MutexLock lock(&mutex_);
  const auto found = agents_.find(workspace_id);
  if (found == agents_.end() || found->second.epoch != epoch) return false;
  owners_.erase({found->second.owner_id, workspace_id});
  agents_.erase(found);
  return true;
}

void AgentRegistry::Disconnect(int64_t workspace_id, const absl::Status& status) {
  NoteChange();
  const std::optional<ConnectedAgent> agent = Find(workspace_id);
  if (agent.has_value()) agent->writer->Finish(status);
}

void AgentRegistry::DisconnectOlder(int64_t workspace_id, int64_t epoch) {
  const std::optional<ConnectedAgent> agent = Find(workspace_id);
  if (agent.has_value() && agent->epoch < epoch) {
    agent->writer->Finish(absl::AbortedError(kNewerAgent));
  }
}

void AgentRegistry::NoteChange() {
  absl::MutexLock lock(&mutex_);
  ++changes_;
}

int64_t AgentRegistry::changes() const {
  absl::MutexLock lock(&mutex_);
  return changes_;
}

int64_t AgentRegistry::NextTicket() {
  absl::MutexLock lock(&mutex_);
  return ++last_ticket_;
}

void AgentRegistry::SendSettings(int64_t workspace_id, int64_t ticket,
                                 const v1::WorkspaceSettings& settings, const Revision& revision) {
  absl::MutexLock lock(&mutex_);
  const auto found = agents_.find(workspace_id);
  if (found == agents_.end()) return;
  ConnectedAgent& agent = found->second;
  const bool news = agent.settings_ticket <= ticket &&
                    !google::protobuf::util::MessageDifferencer::Equals(agent.settings, settings);
  if (agent.settings_ticket <= ticket) {
    agent.settings_ticket = ticket;
    agent.settings = settings;
  }
  if (!news && (revision == nullptr || agent.settings_applied)) return;
  v1::ConnectAgentResponse message;
  agent.settings_applied = false;
  agent.settings_revision = revision == nullptr ? 0 : revision(agent);
  message.set_revision(agent.settings_revision);
  *message.mutable_settings() = agent.settings;
  agent.writer->Write(std::move(message));
}

void AgentRegistry::SendOwnerKeys(int64_t workspace_id, int64_t ticket, const v1::OwnerKeys& keys,
                                  const Revision& revision) {
  absl::MutexLock lock(&mutex_);
  const auto found = agents_.find(workspace_id);
  if (found == agents_.end()) return;
  ConnectedAgent& agent = found->second;
  const bool news = agent.keys_ticket <= ticket &&
                    !google::protobuf::util::MessageDifferencer::Equals(agent.owner_keys, keys);
  if (agent.keys_ticket <= ticket) {
    agent.keys_ticket = ticket;
    agent.owner_keys = keys;
  }
  if (!news && (revision == nullptr || agent.keys_applied)) return;
  v1::ConnectAgentResponse message;
  agent.keys_applied = false;
  agent.keys_revision = revision == nullptr ? 0 : revision(agent);
  message.set_revision(agent.keys_revision);
  *message.mutable_owner_keys() = agent.owner_keys;
  agent.writer->Write(std::move(message));
}

void AgentRegistry::NoteApplied(int64_t workspace_id, int64_t epoch, int64_t revision) {
  absl::MutexLock lock(&mutex_);
  const auto found = agents_.find(workspace_id);
  if (found == agents_.end() || found->second.epoch != epoch || revision == 0) return;
  ConnectedAgent& agent = found->second;
  if (agent.settings_revision == revision) agent.settings_applied = true;
  if (agent.keys_revision == revision) agent.keys_applied = true;
}

void AgentRegistry::UpdateStatus(int64_t workspace_id, int64_t epoch,
                                 const v1::AgentStatus& status) {
  absl::MutexLock lock(&mutex_);
  const auto found = agents_.find(workspace_id);
  if (found != agents_.end() && found->second.epoch == epoch) {
    *found->second.hello.mutable_status() = status;
  }
}

bool AgentRegistry::WasHere(int64_t workspace_id) const {
  absl::MutexLock lock(&mutex_);
  return seen_.count(workspace_id) > 0;
}

bool AgentRegistry::IsConnected(int64_t workspace_id) const {
  absl::MutexLock lock(&mutex_);
  return agents_.count(workspace_id) > 0;
}

std::optional<ConnectedAgent> AgentRegistry::Find(int64_t workspace_id) const {
  absl::MutexLock lock(&mutex_);
  const auto found = agents_.find(workspace_id);
  if (found == agents_.end()) return std::nullopt;
  return found->second;
}

std::vector<int64_t> AgentRegistry::Workspaces() const {
  absl::MutexLock lock(&mutex_);
  std::vector<int64_t> ids;
  ids.reserve(agents_.size());
  for (const auto& [id, agent] : agents_) ids.push_back(id);
  return ids;
}

std::vector<int64_t> AgentRegistry::WorkspacesOf(int64_t owner_id) const {
  absl::MutexLock lock(&mutex_);
  std::vector<int64_t> ids;
  for (auto it = owners_.lower_bound({owner_id, std::numeric_limits<int64_t>::min()});
       it != owners_.end() && it->first == owner_id; ++it) {
    ids.push_back(it->second);
  }
  return ids;
}

int AgentRegistry::size() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int>(agents_.size());
}

}  // namespace homeport
