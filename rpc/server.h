// A gRPC server over TLS with the standard health service, reflection and keepalive.
//
// Threads: Start and Shutdown from one thread; the server has threads of its own.
#ifndef HOMEPORT_RPC_SERVER_H_
#define HOMEPORT_RPC_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/server.h"

namespace homeport {

struct RpcServerOptions {
  std::string listen;           // host:port; port 0 takes a free one
  std::string certificate_pem;  // the server's chain
  std::string private_key_pem;
  std::vector<grpc::Service*> services;  // outlive the server
};

class RpcServer {
 public:
  // UNAVAILABLE if the address cannot be listened on.
  static absl::StatusOr<std::unique_ptr<RpcServer>> Start(const RpcServerOptions& options);
  ~RpcServer();

  int port() const { return port_; }
  // What the health service answers for the server as a whole and for each of its services.
  void SetServing(bool serving);
  // Takes no new calls, waits for those under way up to `grace`, then cancels them.
  void Shutdown(absl::Duration grace);

 private:
  RpcServer() = default;

  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
  bool stopped_ = false;
};

}  // namespace homeport

#endif  // HOMEPORT_RPC_SERVER_H_
