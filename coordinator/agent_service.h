// AgentService: the streams of workspaces' agents, and signatures for their key sockets.
//
// After a restart all agents come at once. Each costs the database several questions: those that
// are more than `most_connects_per_second` (0: any number) are told when to come again, before
// anything is asked. Their TLS stands by then, and stays for that.
//
// Threads: gRPC's. Outlives its server and the pool.
#ifndef HOMEPORT_COORDINATOR_AGENT_SERVICE_H_
#define HOMEPORT_COORDINATOR_AGENT_SERVICE_H_

#include <memory>
#include <string>

#include "base/worker_pool.h"
#include "coordinator/acknowledgements.h"
#include "coordinator/agent_registry.h"
#include "coordinator/authenticator.h"
#include "coordinator/connect_limit.h"
#include "coordinator/coordinator_metrics.h"
#include "coordinator/host_key_memory.h"
#include "coordinator/open_streams.h"
#include "coordinator/pod_watch.h"
#include "coordinator/presence_record.h"
#include "coordinator/replicas/relayed_dials.h"
#include "coordinator/replicas/replicas.h"
#include "coordinator/session_broker.h"
#include "coordinator/settings_publisher.h"
#include "coordinator/store/store.h"
#include "coordinator/workspace_signer.h"
#include "proto/homeport/v1/agent.grpc.pb.h"

namespace homeport {

class AgentService final : public v1::AgentService::CallbackService {
 public:
  // What outlives the service.
  struct Parts {
    Store& store;
    WorkerPool& pool;
    WorkerPool& token_pool;  // where Kubernetes is asked, which may take seconds
    AgentRegistry& agents;
    SessionBroker& broker;
    RelayedDials& relayed_dials;
    Replicas& replicas;
    SettingsPublisher& publisher;
    Acknowledgements& acknowledgements;
    WorkspaceSigner& signer;
    KubernetesIdentity* kubernetes;  // null: no tokens of Kubernetes' are taken
    PodWatch& pods;
    CoordinatorMetrics& metrics;
    int most_connects_per_second;
  };

  explicit AgentService(const Parts& parts)
      : pool_(parts.pool),
        token_pool_(parts.token_pool),
        agents_(parts.agents),
        broker_(parts.broker),
        relayed_dials_(parts.relayed_dials),
        replicas_(parts.replicas),
        publisher_(parts.publisher),
        acknowledgements_(parts.acknowledgements),
        signer_(parts.signer),
        pods_(parts.pods),
        metrics_(parts.metrics),
        connect_limit_(parts.most_connects_per_second),
        authenticator_(parts.store, parts.kubernetes),
        host_keys_(parts.store),
        presence_(parts.store, parts.pool, parts.agents) {}

  grpc::ServerBidiReactor<v1::ConnectAgentRequest, v1::ConnectAgentResponse>* Connect(
      grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* SignForWorkspace(grpc::CallbackServerContext* context,
                                             const v1::SignForWorkspaceRequest* request,
                                             v1::SignForWorkspaceResponse* response) override;

  // Ends all streams, and those that come later at once, until Resume.
  void FinishAll(const absl::Status& status) { streams_.FinishAll(status); }
  void Resume() { streams_.Resume(); }

 private:
  class Stream;
  class RefusedStream;
  struct AgentIdentity;

  // Where to find out whose token it is.
  WorkerPool& PoolFor(const std::string& token, Trust trust) {
    return authenticator_.MayBlock(token, trust) ? token_pool_ : pool_;
  }
  // Makes good, on the pool, what has changed between the agent's sign-in and its hello: nobody
  // could tell it, or end its stream, for nobody knew of it.
  void LookAgain(const AgentIdentity& identity, const std::shared_ptr<AgentWriter>& writer);

  WorkerPool& pool_;
  WorkerPool& token_pool_;
  AgentRegistry& agents_;
  SessionBroker& broker_;
  RelayedDials& relayed_dials_;
  Replicas& replicas_;
  SettingsPublisher& publisher_;
  Acknowledgements& acknowledgements_;
  WorkspaceSigner& signer_;
  PodWatch& pods_;
  CoordinatorMetrics& metrics_;
  ConnectLimit connect_limit_;
  Authenticator authenticator_;
  HostKeyMemory host_keys_;
  PresenceRecord presence_;
  OpenStreams<AgentWriter> streams_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_AGENT_SERVICE_H_
