// What agents are told about their workspaces and the keys of their owners: read from the records,
// and sent whenever these change.
//
// Threads: any; blocks, since it asks the store.
#ifndef HOMEPORT_COORDINATOR_SETTINGS_PUBLISHER_H_
#define HOMEPORT_COORDINATOR_SETTINGS_PUBLISHER_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "coordinator/agent_registry.h"
#include "coordinator/store/store.h"
#include "proto/homeport/v1/agent.pb.h"

namespace homeport {

class SettingsPublisher {
 public:
  // `url` is where people reach the installation; may be empty.
  SettingsPublisher(Store& store, AgentRegistry& agents, std::string url)
      : store_(store), agents_(agents), url_(std::move(url)) {}

  // What the records say now. For a welcome, take the registry's ticket first.
  absl::StatusOr<v1::WorkspaceSettings> Read(const WorkspaceRecord& workspace);

  // The keys that may sign in to this user's workspaces: none while the user is suspended, or gone.
  absl::StatusOr<v1::OwnerKeys> ReadOwnerKeys(int64_t user_id);

  // The workspace's record, that of its provider, or its owner's keys have changed or may have: its
  // agent hears of it, if it has not already. With a revision it hears of it in any case, and
  // acknowledges. A failure is logged; the agent is told when it comes again.
  using Revision = AgentRegistry::Revision;
  void PublishWorkspace(int64_t workspace_id, const Revision& revision = nullptr);
  void PublishProvider(const std::string& provider, const Revision& revision = nullptr);
  void PublishOwnerKeys(int64_t user_id, const Revision& revision = nullptr);

 private:
  void Publish(int64_t workspace_id, const std::string& provider, const Revision& revision);

  Store& store_;
  AgentRegistry& agents_;
  const std::string url_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_SETTINGS_PUBLISHER_H_
