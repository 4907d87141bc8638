// What agents are told about their workspaces: read from the records, and sent whenever these
// change.
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

  // The workspace's record, or that of its provider, has changed or may have: its agent hears of
  // it, if it has not already. A failure is logged; the agent is told when it comes again.
  void PublishWorkspace(int64_t workspace_id);
  void PublishProvider(const std::string& provider);

 private:
  void Publish(int64_t workspace_id, const std::string& provider);

  Store& store_;
  AgentRegistry& agents_;
  const std::string url_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_SETTINGS_PUBLISHER_H_
