// A signed-in SSH connection of a load generator: cheaper than a process of ssh, so that the server
// is the limit. It takes any host key: only addresses of this machine are given to it.
//
// Threads: everything on the loop's thread.
#ifndef HOMEPORT_BENCH_LOAD_CONNECTION_H_
#define HOMEPORT_BENCH_LOAD_CONNECTION_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/event_loop.h"
#include "bench/user_key.h"
#include "ssh/client_transport.h"

namespace homeport::bench {

class LoadConnection : protected ssh::ClientTransport::ClientHandler {
 public:
  // Who is told of the end, once; may destroy the connection.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void OnOver(LoadConnection& connection, const absl::Status& status) = 0;
  };
  struct Target {
    std::string address;  // host:port
    std::string user;
    UserKey key;
  };

  // `target` and `owner` outlive the connection.
  LoadConnection(EventLoop& loop, const Target& target, Owner& owner)
      : loop_(loop), target_(target), owner_(owner) {}
  ~LoadConnection() override = default;

  // Connects and signs in. OnOver follows only if this succeeded.
  absl::Status Start();

 protected:
  ssh::ClientTransport& transport() { return *transport_; }
  // Ends the connection; OnOver will be given this status.
  void End(absl::Status status);

 private:
  void OnSignatureWanted(const std::string& host_key, const std::string& to_sign) override;
  void OnOutputDrained() override {}
  void OnClosed(const absl::Status& status) override;

  EventLoop& loop_;
  const Target& target_;
  Owner& owner_;
  std::unique_ptr<ssh::ClientTransport> transport_;
  bool ended_ = false;
  absl::Status status_;
};

}  // namespace homeport::bench

#endif  // HOMEPORT_BENCH_LOAD_CONNECTION_H_
