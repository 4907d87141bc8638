// absl::Status and grpc::Status into each other. The one place that does.
#ifndef HOMEPORT_RPC_STATUS_CONVERSION_H_
#define HOMEPORT_RPC_STATUS_CONVERSION_H_

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace homeport {

// The canonical codes are the same numbers in both. The details of an INTERNAL error stay with the
// server.
grpc::Status ToGrpcStatus(const absl::Status& status);

absl::Status ToAbslStatus(const grpc::Status& status);

}  // namespace homeport

#endif  // HOMEPORT_RPC_STATUS_CONVERSION_H_
