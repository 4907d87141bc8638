// Connects to an SSH server in the workspace and waits until it greets.
//
// Threads: the loop's. The name is looked up in the pool.
#ifndef HOMEPORT_AGENT_OPENSSH_CONNECT_H_
#define HOMEPORT_AGENT_OPENSSH_CONNECT_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/greeting_wait.h"
#include "agent/stream_connect.h"
#include "base/event_loop.h"
#include "base/unique_fd.h"
#include "base/worker_pool.h"

namespace homeport::agent {

class OpenSshConnect {
 public:
  struct Patience {
    absl::Duration connect;
    absl::Duration greeting;
  };
  // The socket, whose greeting is still to be read. UNAVAILABLE if nobody answers at the address;
  // else FAILED_PRECONDITION says what is there instead: "it …". Called once, from the loop, and
  // may destroy the object; not called by the destructor.
  using DoneCallback = std::function<void(absl::StatusOr<UniqueFd> socket)>;

  // Begins. `loop` and `pool` outlive the look-up of the name.
  OpenSshConnect(EventLoop& loop, WorkerPool& pool, const std::string& address,
                 const Patience& patience, DoneCallback on_done);
  OpenSshConnect(const OpenSshConnect&) = delete;
  OpenSshConnect& operator=(const OpenSshConnect&) = delete;

 private:
  void OnConnected(absl::StatusOr<UniqueFd> socket);

  EventLoop& loop_;
  const absl::Duration greeting_patience_;
  const DoneCallback on_done_;
  StreamConnect connect_;
  std::unique_ptr<GreetingWait> greeting_;
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_OPENSSH_CONNECT_H_
