// Which workspaces have an agent connected now, and the stream to it.
//
// A workspace has one current stream: the one with the highest epoch. What lives here is lost with
// the process and comes back as the agents do.
//
// Threads: any; a mutex guards the map. Writing welcome and settings under it only queues.
#ifndef HOMEPORT_COORDINATOR_AGENT_REGISTRY_H_
#define HOMEPORT_COORDINATOR_AGENT_REGISTRY_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "proto/homeport/v1/agent.pb.h"
#include "rpc/server_stream.h"

namespace homeport {

using AgentWriter = StreamWriter<v1::ConnectAgentRequest, v1::ConnectAgentResponse>;

struct ConnectedAgent {
  int64_t epoch = 0;
  std::shared_ptr<AgentWriter> writer;  // shared with the stream, which goes first
  v1::AgentHello hello;                 // with the newest status
  v1::WorkspaceSettings settings;       // as it was last told
  int64_t settings_ticket = 0;          // drawn before these settings were read
};

class AgentRegistry {
 public:
  AgentRegistry();

  // Higher than every epoch before, of this process and of those before it (it starts from the
  // clock).
  int64_t NextEpoch();

  // Makes the agent the workspace's current one, writes the welcome to it and ends the older stream
  // with ABORTED. Nothing reaches the agent before the welcome, and an agent that has read it can
  // be found here. False, and nothing is written, if a newer one is there already.
  bool Register(int64_t workspace_id, ConnectedAgent agent, v1::ConnectAgentResponse welcome);
  // Takes the stream out if it is still the current one; false if it is not.
  bool Unregister(int64_t workspace_id, int64_t epoch);
  // Ends the workspace's current stream, if there is one.
  void Disconnect(int64_t workspace_id, const absl::Status& status);

  // Draws a number that is higher than all before, for SendSettings.
  int64_t NextTicket();
  // Tells the workspace's current agent its settings, unless it was told the same or newer ones:
  // those whose ticket is higher. To be drawn before the records are read.
  void SendSettings(int64_t workspace_id, int64_t ticket, const v1::WorkspaceSettings& settings);

  // Replaces what the current stream of that epoch reported.
  void UpdateStatus(int64_t workspace_id, int64_t epoch, const v1::AgentStatus& status);

  // Whether the workspace has had an agent connected since this process began.
  bool WasHere(int64_t workspace_id) const;
  std::optional<ConnectedAgent> Find(int64_t workspace_id) const;
  // The workspaces that are online.
  std::vector<int64_t> Workspaces() const;
  int size() const;

 private:
  mutable absl::Mutex mutex_;
  int64_t last_epoch_ ABSL_GUARDED_BY(mutex_);
  int64_t last_ticket_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<int64_t, ConnectedAgent> agents_ ABSL_GUARDED_BY(mutex_);
  std::set<int64_t> seen_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_AGENT_REGISTRY_H_
