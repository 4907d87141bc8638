#include "rpc/grpc_log.h"

#include "base/logging.h"
#include "grpc/support/log.h"

namespace homeport {
namespace {

constexpr size_t kMostBytes = 1024;

void Log(gpr_log_func_args* line) {
  Logger("grpc")->debug("{}", Printable(line->message, kMostBytes));
}

}  // namespace

void RouteGrpcLog() { gpr_set_log_function(&Log); }

}  // namespace homeport
