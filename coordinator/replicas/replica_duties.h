// What a replica of the coordinator does for the others: dials for them, carries out their changes,
// gives up agents and proxies that have gone to them.
//
// Threads: called by Replicas on its threads; what blocks is done on the pool.
#ifndef HOMEPORT_COORDINATOR_REPLICAS_REPLICA_DUTIES_H_
#define HOMEPORT_COORDINATOR_REPLICAS_REPLICA_DUTIES_H_

#include <functional>
#include <vector>

#include "base/worker_pool.h"
#include "coordinator/agent_registry.h"
#include "coordinator/proxy_registry.h"
#include "coordinator/replicas/relayed_changes.h"
#include "coordinator/replicas/relayed_dials.h"
#include "coordinator/replicas/replicas.h"
#include "coordinator/revocation.h"
#include "coordinator/session_broker.h"
#include "coordinator/session_ledger.h"
#include "coordinator/session_registry.h"

namespace homeport {

class ReplicaDuties final : public Replicas::Listener {
 public:
  // All outlive this object, but for the pool, which goes when nobody calls it any more.
  struct Parts {
    AgentRegistry& agents;
    ProxyRegistry& proxies;
    SessionRegistry& sessions;
    SessionBroker& broker;
    SessionLedger& ledger;
    Revocation& revocation;
    RelayedDials& dials;
    RelayedChanges& changes;
    WorkerPool& pool;  // for what may take seconds
    // Sends agents and proxies away, or takes them in again.
    std::function<void(bool isolated)> isolate;
  };
  explicit ReplicaDuties(const Parts& parts) : parts_(parts) {}

 private:
  void OnMessage(v1::ReplicaMessage message) override;
  void OnMissed() override;
  void OnIsolated(bool isolated) override { parts_.isolate(isolated); }
  void OnSessionsLost(std::vector<Session> sessions) override;

  const Parts parts_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_REPLICAS_REPLICA_DUTIES_H_
