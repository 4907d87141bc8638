// AdminApi over the wire. gRPC stays in the .cc.
#ifndef HOMEPORT_CLI_GRPC_ADMIN_API_H_
#define HOMEPORT_CLI_GRPC_ADMIN_API_H_

#include <memory>

#include "absl/status/statusor.h"
#include "cli/admin_api.h"

namespace homeport {

// Does not connect yet. INVALID_ARGUMENT for an address or CA file that cannot be right,
// FAILED_PRECONDITION for a CA file that cannot be read.
absl::StatusOr<std::unique_ptr<AdminApi>> MakeGrpcAdminApi(const AdminApiOptions& options);

}  // namespace homeport

#endif  // HOMEPORT_CLI_GRPC_ADMIN_API_H_
