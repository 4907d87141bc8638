// gRPC's own log lines as lines of ours. Only with level debug: what matters of them comes back to
// the caller as a status, and much of the rest is what strangers do to the port.
//
// Threads: any.
#ifndef HOMEPORT_RPC_GRPC_LOG_H_
#define HOMEPORT_RPC_GRPC_LOG_H_

namespace homeport {

// For the whole process; may be called again. Channels and servers of rpc/ have done it.
void RouteGrpcLog();

}  // namespace homeport

#endif  // HOMEPORT_RPC_GRPC_LOG_H_
