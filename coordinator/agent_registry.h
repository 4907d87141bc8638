// Which workspaces have an agent connected now, and the stream to it.
//
// A workspace has one current stream: the one with the highest epoch. What lives here is lost with
// the process and comes back as the agents do.
//
// Threads: any; a mutex guards the map. Writing welcome and settings under it only queues.
#ifndef HOMEPORT_COORDINATOR_AGENT_REGISTRY_H_
#define HOMEPORT_COORDINATOR_AGENT_REGISTRY_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
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
  int64_t owner_id = 0;
  std::string name;                // of the workspace, a resource name
  v1::WorkspaceSettings settings;  // as it was last told
  int64_t settings_ticket = 0;     // drawn before these settings were read
  int64_t settings_revision = 0;   // of the message that told them; 0: nobody waits for an answer
  bool settings_applied = false;   // whether that was answered
  v1::OwnerKeys owner_keys;        // as settings
  int64_t keys_ticket = 0;
  int64_t keys_revision = 0;
  bool keys_applied = false;
  std::string credential_id;  // of what it has shown; empty: a pod's token
};

class AgentRegistry {
 public:
  AgentRegistry();

  // Higher than every epoch before, of this process and of those before it (it goes by the clock),
  // and than `last`, which the agent says was its last, unless that is absurd.
  int64_t NextEpoch(int64_t last);

  // Makes the agent the workspace's current one, writes the welcome to it and ends the older stream
  // with ABORTED. Nothing reaches the agent before the welcome, and an agent that has read it can
  // be found here. False, and nothing is written, if a newer one is there already.
  bool Register(int64_t workspace_id, ConnectedAgent agent, v1::ConnectAgentResponse welcome);
  // Takes the stream out if it is still the current one; false if it is not.
  bool Unregister(int64_t workspace_id, int64_t epoch);
  // Ends the workspace's current stream if its epoch is lower: there is a newer one elsewhere.
  void DisconnectOlder(int64_t workspace_id, int64_t epoch);
  // Ends the workspace's current stream, if there is one.
  void Disconnect(int64_t workspace_id, const absl::Status& status);

  // Says that something changes that agents are told of, or that takes their right to be here away;
  // before anybody is looked for here. An agent that was on its way in meanwhile finds out by
  // changes() that it has to look again.
  void NoteChange();
  int64_t changes() const;

  // Draws a number that is higher than all before, for SendSettings and SendOwnerKeys.
  int64_t NextTicket();
  // Gives the revision of a message that this agent is to acknowledge. Called under the registry's
  // lock; a null one is for a message that nobody waits for.
  using Revision = std::function<int64_t(const ConnectedAgent& agent)>;
  // Tells the workspace's current agent its settings, unless it was told newer ones: those whose
  // ticket is higher. To be drawn before the records are read. With a revision it is told the
  // newest also if it was told them before, unless it has acknowledged them.
  void SendSettings(int64_t workspace_id, int64_t ticket, const v1::WorkspaceSettings& settings,
                    const Revision& revision = nullptr);
  // As SendSettings, of the keys of its owner.
  void SendOwnerKeys(int64_t workspace_id, int64_t ticket, const v1::OwnerKeys& keys,
                     const Revision& revision = nullptr);

  // The current stream of that epoch has acknowledged a message.
  void NoteApplied(int64_t workspace_id, int64_t epoch, int64_t revision);

  // Replaces what the current stream of that epoch reported.
  void UpdateStatus(int64_t workspace_id, int64_t epoch, const v1::AgentStatus& status);

  // Whether the workspace has had an agent connected since this process began.
  bool WasHere(int64_t workspace_id) const;
  bool IsConnected(int64_t workspace_id) const;
  std::optional<ConnectedAgent> Find(int64_t workspace_id) const;
  // The workspaces that are online.
  std::vector<int64_t> Workspaces() const;
  // Those of this owner; costs what they are, not what all are.
  std::vector<int64_t> WorkspacesOf(int64_t owner_id) const;
  int size() const;

 private:
  mutable absl::Mutex mutex_;
  int64_t last_epoch_ ABSL_GUARDED_BY(mutex_);
  int64_t last_ticket_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<int64_t, ConnectedAgent> agents_ ABSL_GUARDED_BY(mutex_);
  // Owner and workspace of each of them.
  std::set<std::pair<int64_t, int64_t>> owners_ ABSL_GUARDED_BY(mutex_);
  int64_t changes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::set<int64_t> seen_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_AGENT_REGISTRY_H_
