// Waits until what is at the other end of a socket greets as an SSH server: with "SSH-2.0-" at the
// start of a line (RFC 4253, 4.2). Lines before it, which a server may send, are dropped; the
// greeting itself stays to be read.
//
// Threads: the loop's.
#ifndef HOMEPORT_AGENT_GREETING_WAIT_H_
#define HOMEPORT_AGENT_GREETING_WAIT_H_

#include <functional>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "agent/fd_watch.h"
#include "base/event_loop.h"
#include "base/unique_fd.h"

namespace homeport::agent {

class GreetingWait {
 public:
  // FAILED_PRECONDITION says what it did instead: "it …". Called once, from the loop, and may
  // destroy the object; not called by the destructor.
  using DoneCallback = std::function<void(absl::StatusOr<UniqueFd> socket)>;

  // `socket` is a connected TCP socket.
  GreetingWait(EventLoop& loop, UniqueFd socket, absl::Duration patience, DoneCallback on_done);
  ~GreetingWait();
  GreetingWait(const GreetingWait&) = delete;
  GreetingWait& operator=(const GreetingWait&) = delete;

 private:
  void OnReady();
  // What is known after these bytes: OK is a greeting, nothing is a wait for more. Drops lines.
  std::optional<absl::Status> Judge(absl::string_view seen);
  // Called again when there is more than this to be seen.
  void WaitForMoreThan(size_t bytes);
  void Finish(const absl::Status& status);

  EventLoop& loop_;
  const absl::Duration patience_;
  const DoneCallback on_done_;
  UniqueFd socket_;
  std::optional<FdWatch> watch_;
  EventLoop::TimerId timer_ = 0;
  size_t seen_bytes_ = 0;
  size_t dropped_bytes_ = 0;
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_GREETING_WAIT_H_
