// Acts on changes by means of the streams that are open now: agents hear of their settings, and
// those that have no business here any more are disconnected. Waits for nobody.
//
// Threads: any; blocks, since it asks the store.
#ifndef HOMEPORT_COORDINATOR_CONNECTED_CHANGES_H_
#define HOMEPORT_COORDINATOR_CONNECTED_CHANGES_H_

#include <string>

#include "coordinator/agent_registry.h"
#include "coordinator/change_listener.h"
#include "coordinator/session_broker.h"
#include "coordinator/settings_publisher.h"
#include "coordinator/store/store.h"

namespace homeport {

class ConnectedChanges : public ChangeListener {
 public:
  ConnectedChanges(Store& store, AgentRegistry& agents, SessionBroker& broker,
                   SettingsPublisher& publisher)
      : store_(store), agents_(agents), broker_(broker), publisher_(publisher) {}

  v1::Effect UserChanged(int64_t user_id) override;
  v1::Effect KeyRemoved(int64_t user_id, absl::string_view public_key_blob) override;
  v1::Effect ProviderChanged(const std::string& provider) override;
  v1::Effect WorkspaceChanged(const WorkspaceRecord& workspace) override;
  v1::Effect WorkspaceDeleted(const WorkspaceRecord& workspace) override;
  v1::Effect CredentialRevoked(const WorkspaceRecord& workspace) override;

 private:
  Store& store_;
  AgentRegistry& agents_;
  SessionBroker& broker_;
  SettingsPublisher& publisher_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_CONNECTED_CHANGES_H_
