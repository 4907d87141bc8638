// SessionService: the streams of proxies, the opening of sessions, and signatures for them.
//
// Threads: gRPC's. Outlives its server and the pool.
#ifndef HOMEPORT_COORDINATOR_SESSION_SERVICE_H_
#define HOMEPORT_COORDINATOR_SESSION_SERVICE_H_

#include <string>

#include "base/worker_pool.h"
#include "coordinator/acknowledgements.h"
#include "coordinator/authenticator.h"
#include "coordinator/coordinator_metrics.h"
#include "coordinator/keys/key_pair.h"
#include "coordinator/open_streams.h"
#include "coordinator/proxy_registry.h"
#include "coordinator/revocation.h"
#include "coordinator/session_broker.h"
#include "coordinator/session_registry.h"
#include "coordinator/session_signer.h"
#include "proto/homeport/v1/session.grpc.pb.h"

namespace homeport {

class SessionService final : public v1::SessionService::CallbackService {
 public:
  // Kubernetes is asked about proxies' tokens on `token_pool`, which may take seconds;
  // `kubernetes` may be null.
  SessionService(Store& store, WorkerPool& pool, WorkerPool& token_pool,
                 KubernetesIdentity* kubernetes, const KeyPair& host_key, ProxyRegistry& proxies,
                 SessionRegistry& sessions, SessionBroker& broker, SessionSigner& signer,
                 Revocation& revocation, Acknowledgements& acknowledgements,
                 CoordinatorMetrics& metrics)
      : pool_(pool),
        token_pool_(token_pool),
        host_key_(host_key),
        proxies_(proxies),
        sessions_(sessions),
        broker_(broker),
        signer_(signer),
        revocation_(revocation),
        acknowledgements_(acknowledgements),
        metrics_(metrics),
        authenticator_(store, kubernetes) {}

  grpc::ServerBidiReactor<v1::ConnectProxyRequest, v1::ConnectProxyResponse>* Connect(
      grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* OpenSession(grpc::CallbackServerContext* context,
                                        const v1::OpenSessionRequest* request,
                                        v1::OpenSessionResponse* response) override;
  grpc::ServerUnaryReactor* Sign(grpc::CallbackServerContext* context,
                                 const v1::SignRequest* request,
                                 v1::SignResponse* response) override;

  // Ends all streams, and those that come later at once, until Resume.
  void FinishAll(const absl::Status& status) { streams_.FinishAll(status); }
  void Resume() { streams_.Resume(); }

 private:
  class Stream;

  // Where to find out whose token it is.
  WorkerPool& PoolFor(const std::string& token, Trust trust) {
    return authenticator_.MayBlock(token, trust) ? token_pool_ : pool_;
  }

  WorkerPool& pool_;
  WorkerPool& token_pool_;
  const KeyPair& host_key_;
  ProxyRegistry& proxies_;
  SessionRegistry& sessions_;
  SessionBroker& broker_;
  SessionSigner& signer_;
  Revocation& revocation_;
  Acknowledgements& acknowledgements_;
  CoordinatorMetrics& metrics_;
  Authenticator authenticator_;
  OpenStreams<ProxyWriter> streams_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_SESSION_SERVICE_H_
