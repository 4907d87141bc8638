#include "rpc/status_conversion.h"

#include <string>

#include "base/logging.h"

namespace homeport {

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  if (status.code() == absl::StatusCode::kInternal) {
    Logger("rpc")->error("internal error: {}", std::string(status.message()));
    return {grpc::StatusCode::INTERNAL, "internal error; the server's log has the cause"};
  }
  return {static_cast<grpc::StatusCode>(status.code()), std::string(status.message())};
}

absl::Status ToAbslStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  return {static_cast<absl::StatusCode>(status.error_code()), status.error_message()};
}

}  // namespace homeport
