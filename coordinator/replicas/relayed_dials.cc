#include "coordinator/replicas/relayed_dials.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/time/clock.h"

namespace homeport {
namespace {

// Longer than any session is being opened.
constexpr absl::Duration kRemember = absl::Minutes(1);
constexpr char kAgentLost[] = "The workspace lost its connection. Try again in a moment.";

v1::DialResult Lost(const std::string& session_id) {
  v1::DialResult result;
  result.set_session_id(session_id);
  result.set_error(kAgentLost);
  return result;
}

}  // namespace

void RelayedDials::Dial(const std::string& from, const v1::RelayedDial& dial) {
  const std::string& session = dial.dial().session_id();
  const absl::Time now = absl::Now();
  {
    // Before the agent can answer.
    absl::MutexLock lock(&mutex_);
    for (auto it = asked_.begin(); it != asked_.end();) {
      it = it->second.forget < now ? asked_.erase(it) : std::next(it);
    }
    asked_[session] = {from, dial.workspace_id(), dial.epoch(), now + kRemember};
  }
  const std::optional<ConnectedAgent> agent = agents_.Find(dial.workspace_id());
  v1::ConnectAgentResponse message;
  *message.mutable_dial() = dial.dial();
  if (agent.has_value() && agent->epoch == dial.epoch() &&
      agent->writer->Write(std::move(message))) {
    return;
  }
  OnResult(dial.workspace_id(), agent.has_value() ? agent->name : "", Lost(session));
}

bool RelayedDials::OnResult(int64_t workspace_id, const std::string& workspace,
                            const v1::DialResult& result) {
  std::string replica;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = asked_.find(result.session_id());
    if (found == asked_.end() || found->second.workspace_id != workspace_id) return false;
    replica = found->second.replica;
    asked_.erase(found);
  }
  Answer(replica, workspace_id, workspace, result);
  return true;
}

void RelayedDials::OnAgentLost(int64_t workspace_id, const std::string& workspace, int64_t epoch) {
  std::vector<std::pair<std::string, std::string>> lost;  // replica and session
  {
    absl::MutexLock lock(&mutex_);
    for (auto it = asked_.begin(); it != asked_.end();) {
      if (it->second.workspace_id != workspace_id || it->second.epoch != epoch) {
        ++it;
        continue;
      }
      lost.emplace_back(it->second.replica, it->first);
      it = asked_.erase(it);
    }
  }
  for (const auto& [replica, session] : lost) {
    Answer(replica, workspace_id, workspace, Lost(session));
  }
}

void RelayedDials::Answer(const std::string& replica, int64_t workspace_id,
                          const std::string& workspace, const v1::DialResult& result) {
  v1::ReplicaMessage message;
  message.mutable_dial_result()->set_workspace_id(workspace_id);
  message.mutable_dial_result()->set_workspace(workspace);
  *message.mutable_dial_result()->mutable_result() = result;
  replicas_.Send(replica, std::move(message));
}

}  // namespace homeport
