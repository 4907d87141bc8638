// What agents are told about their workspaces and the keys of their owners: read from the records,
// and sent whenever these change.
//
// Threads: any; blocks, since it asks the store.
#ifndef HOMEPORT_COORDINATOR_SETTINGS_PUBLISHER_H_
#define HOMEPORT_COORDINATOR_SETTINGS_PUBLISHER_H_

#include <cstdint>
#include <string>
#include <unordered_map>
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

  // Both at once, of one workspace.
  struct Welcome {
    v1::OwnerKeys owner_keys;
    v1::WorkspaceSettings settings;
  };
  absl::StatusOr<Welcome> ReadWelcome(const WorkspaceRecord& workspace);

  // The workspace's record, that of its provider, or its owner's keys have changed or may have: its
  // agent hears of it, if it has not already. With a revision it hears of it in any case, and
  // acknowledges. A failure is logged; the agent is told when it comes again.
  using Revision = AgentRegistry::Revision;
  void PublishWorkspace(int64_t workspace_id, const Revision& revision = nullptr);
  void PublishProvider(const std::string& provider, const Revision& revision = nullptr);
  void PublishOwnerKeys(int64_t user_id, const Revision& revision = nullptr);

  // Tells the workspace's agent what it may have missed between its sign-in and its hello.
  void CatchUp(int64_t workspace_id, int64_t owner_id);

 private:
  absl::StatusOr<v1::OwnerKeys> ReadOwnerKeys(const UserRecord& owner);
  void SendSettings(int64_t workspace_id, const Revision& revision);
  void SendOwnerKeys(int64_t user_id, const Revision& revision);
  // Every user's, by number.
  absl::StatusOr<std::unordered_map<int64_t, UserRecord>> ReadUsers();
  v1::WorkspaceSettings Make(const WorkspaceRecord& workspace, const UserRecord& owner,
                             const ProviderRecord& provider) const;

  Store& store_;
  AgentRegistry& agents_;
  const std::string url_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_SETTINGS_PUBLISHER_H_
