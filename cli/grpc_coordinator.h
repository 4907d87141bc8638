// The coordinator over the wire. gRPC stays in grpc_*.cc.
#ifndef HOMEPORT_CLI_GRPC_COORDINATOR_H_
#define HOMEPORT_CLI_GRPC_COORDINATOR_H_

#include "absl/status/statusor.h"
#include "cli/coordinator.h"

namespace homeport {

// Does not connect yet, unless there are several addresses: then the first that answers is the one.
// INVALID_ARGUMENT for an address or CA file that cannot be right,
// FAILED_PRECONDITION for a CA file that cannot be read.
absl::StatusOr<Coordinator> MakeGrpcCoordinator(const CoordinatorOptions& options);

}  // namespace homeport

#endif  // HOMEPORT_CLI_GRPC_COORDINATOR_H_
