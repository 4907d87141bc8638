// Notices that processes have ended and collects them, also those whose session is gone.
//
// Only the processes it was given are waited for: never "any child".
//
// Threads: the loop's. Outlives every session.
#ifndef HOMEPORT_AGENT_PROCESS_REAPER_H_
#define HOMEPORT_AGENT_PROCESS_REAPER_H_

#include <sys/types.h>

#include <functional>
#include <map>

#include "base/event_loop.h"
#include "base/unique_fd.h"

namespace homeport::agent {

class ProcessReaper {
 public:
  // `wait_status` is waitpid's. The pid is free for others from then on.
  using ExitCallback = std::function<void(int wait_status)>;

  explicit ProcessReaper(EventLoop& loop) : loop_(loop) {}
  ~ProcessReaper();
  ProcessReaper(const ProcessReaper&) = delete;
  ProcessReaper& operator=(const ProcessReaper&) = delete;

  // Calls `on_exit` once, from the loop.
  void Adopt(pid_t pid, ExitCallback on_exit);
  // Nobody asks any more; the process is collected all the same.
  void Forget(pid_t pid);

  size_t size() const { return processes_.size(); }

 private:
  struct Process {
    UniqueFd pidfd;  // none on kernels before 5.3: those are polled
    ExitCallback on_exit;
  };

  void TryReap(pid_t pid);
  void Poll();

  EventLoop& loop_;
  std::map<pid_t, Process> processes_;
  EventLoop::TimerId poll_timer_ = 0;
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_PROCESS_REAPER_H_
