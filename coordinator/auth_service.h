// AuthService: how people come in (coordinator/sign_in_desk.h).
//
// Threads: gRPC's. Outlives its server and the pools.
#ifndef HOMEPORT_COORDINATOR_AUTH_SERVICE_H_
#define HOMEPORT_COORDINATOR_AUTH_SERVICE_H_

#include <functional>
#include <string>

#include "base/worker_pool.h"
#include "coordinator/authenticator.h"
#include "coordinator/coordinator_metrics.h"
#include "coordinator/sign_in_desk.h"
#include "proto/homeport/v1/auth.grpc.pb.h"

namespace homeport {

class AuthService final : public v1::AuthService::CallbackService {
 public:
  // `sign_in_pool` hashes passwords: its threads bound how much memory that takes, and nobody else
  // waits for them.
  AuthService(Store& store, WorkerPool& pool, WorkerPool& sign_in_pool, SignInDesk& desk,
              CoordinatorMetrics& metrics)
      : pool_(pool),
        sign_in_pool_(sign_in_pool),
        desk_(desk),
        metrics_(metrics),
        authenticator_(store) {}

  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;

  Reactor* GetSignInOptions(Context* context, const v1::GetSignInOptionsRequest* request,
                            v1::SignInOptions* response) override;
  Reactor* SetUp(Context* context, const v1::SetUpRequest* request,
                 v1::SignInResponse* response) override;
  Reactor* SignIn(Context* context, const v1::SignInRequest* request,
                  v1::SignInResponse* response) override;
  Reactor* SignOut(Context* context, const v1::SignOutRequest* request,
                   v1::SignOutResponse* response) override;

 private:
  using Work = std::function<absl::Status(const std::string& address)>;

  // Does the work on `pool`, whoever calls.
  Reactor* Run(Context* context, const char* method, WorkerPool& pool, Work work);

  WorkerPool& pool_;
  WorkerPool& sign_in_pool_;
  SignInDesk& desk_;
  CoordinatorMetrics& metrics_;
  Authenticator authenticator_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_AUTH_SERVICE_H_
