// What operators and their systems ask a service over HTTP: /metrics (Prometheus), /healthz
// (alive), /readyz (takes work).
//
// Plain HTTP: listen on loopback or inside the cluster. Threads: everything from any.
#ifndef HOMEPORT_RPC_OPS_SERVER_H_
#define HOMEPORT_RPC_OPS_SERVER_H_

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "prometheus/registry.h"

namespace httplib {
class Server;
}

namespace homeport {

class OpsServer {
 public:
  // `listen` is host:port (port 0 takes a free one). UNAVAILABLE if it cannot be listened on.
  static absl::StatusOr<std::unique_ptr<OpsServer>> Start(
      const std::string& listen, std::shared_ptr<prometheus::Registry> registry);
  ~OpsServer();

  int port() const { return port_; }
  // What /readyz answers: 200 or 503. False at first.
  void SetReady(bool ready) { ready_ = ready; }

 private:
  OpsServer();

  std::unique_ptr<httplib::Server> server_;
  std::atomic<bool> ready_{false};
  int port_ = 0;
  std::thread thread_;
};

}  // namespace homeport

#endif  // HOMEPORT_RPC_OPS_SERVER_H_
