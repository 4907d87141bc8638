// Unary handlers that may touch the database: run on a worker pool, finish the call from there.
#ifndef HOMEPORT_RPC_UNARY_H_
#define HOMEPORT_RPC_UNARY_H_

#include <utility>

#include "absl/status/status.h"
#include "base/worker_pool.h"
#include "grpcpp/support/server_callback.h"
#include "rpc/status_conversion.h"

namespace homeport {

// Runs `handler` (a callable that returns absl::Status and may fill the response) on `pool`.
template <typename Handler>
grpc::ServerUnaryReactor* RunUnary(grpc::CallbackServerContext* context, WorkerPool& pool,
                                   Handler handler) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  pool.Submit([reactor, handler = std::move(handler)]() mutable {
    reactor->Finish(ToGrpcStatus(handler()));
  });
  return reactor;
}

}  // namespace homeport

#endif  // HOMEPORT_RPC_UNARY_H_
