#include "agent/openssh_connect.h"

#include <utility>

#include "base/address.h"

namespace homeport::agent {

OpenSshConnect::OpenSshConnect(EventLoop& loop, WorkerPool& pool, const std::string& address,
                               const Patience& patience, DoneCallback on_done)
    : loop_(loop),
      greeting_patience_(patience.greeting),
      on_done_(std::move(on_done)),
      connect_(loop, patience.connect,
               [this](absl::StatusOr<UniqueFd> socket) { OnConnected(std::move(socket)); }) {
  // What was checked where it came from; an address that is none leads nowhere.
  const HostPort target = ParseHostPort(address).value_or(HostPort());
  connect_.ToHost(pool, target.host, target.port);
}

void OpenSshConnect::OnConnected(absl::StatusOr<UniqueFd> socket) {
  if (!socket.ok()) {
    // May destroy this object, and with it the function.
    const DoneCallback on_done = on_done_;
    on_done(absl::UnavailableError(socket.status().message()));
    return;
  }
  greeting_ =
      std::make_unique<GreetingWait>(loop_, *std::move(socket), greeting_patience_, on_done_);
}

}  // namespace homeport::agent
