// AgentService: the streams of workspaces' agents.
//
// Threads: gRPC's. Outlives its server and the pool.
#ifndef HOMEPORT_COORDINATOR_AGENT_SERVICE_H_
#define HOMEPORT_COORDINATOR_AGENT_SERVICE_H_

#include "base/worker_pool.h"
#include "coordinator/agent_registry.h"
#include "coordinator/authenticator.h"
#include "coordinator/coordinator_metrics.h"
#include "coordinator/open_streams.h"
#include "coordinator/session_broker.h"
#include "coordinator/store/store.h"
#include "proto/homeport/v1/agent.grpc.pb.h"

namespace homeport {

class AgentService final : public v1::AgentService::CallbackService {
 public:
  AgentService(Store& store, WorkerPool& pool, AgentRegistry& agents, SessionBroker& broker,
               CoordinatorMetrics& metrics)
      : store_(store),
        pool_(pool),
        agents_(agents),
        broker_(broker),
        metrics_(metrics),
        authenticator_(store) {}

  grpc::ServerBidiReactor<v1::ConnectAgentRequest, v1::ConnectAgentResponse>* Connect(
      grpc::CallbackServerContext* context) override;

  // Ends all streams, and those that come later at once.
  void FinishAll(const absl::Status& status) { streams_.FinishAll(status); }

 private:
  class Stream;

  // Notes on the pool that the workspace's agent is or was there now; ends its stream if the
  // workspace has been deleted meanwhile.
  void NoteSeen(int64_t workspace_id);

  Store& store_;
  WorkerPool& pool_;
  AgentRegistry& agents_;
  SessionBroker& broker_;
  CoordinatorMetrics& metrics_;
  Authenticator authenticator_;
  OpenStreams<AgentWriter> streams_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_AGENT_SERVICE_H_
