// The agent as a container's first process: runs a command beside the agent and does for both what
// process 1 has to do.
//
// The first process stays small and single-threaded and has two children: the command, which the
// container is there for, and the agent. It collects every process that ends, also those whose
// parents are gone; passes signals on to the command; and ends with the command's status. The agent
// is started again when it ends before the command does: whatever is wrong with it, the container
// goes on.
//
// Threads: main, before any other starts.
#ifndef HOMEPORT_AGENT_FIRST_PROCESS_H_
#define HOMEPORT_AGENT_FIRST_PROCESS_H_

#include <sys/types.h>

#include <csignal>
#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace homeport::agent {

class FirstProcess {
 public:
  struct Plan {
    // Program and arguments; the program is looked for in PATH. Empty: the agent alone, whose end
    // is then the container's.
    std::vector<std::string> command;
    std::vector<std::string> environment;  // "NAME=value", the command's
    std::function<int()> agent;            // runs the agent to its end; in a process of its own
    // How long the agent may take to say good-bye when the command has ended.
    absl::Duration agent_grace = absl::Seconds(2);
    // Between the agent's ends and its next starts, doubling.
    absl::Duration first_pause = absl::Seconds(1);
    absl::Duration longest_pause = absl::Minutes(1);
  };

  explicit FirstProcess(Plan plan) : plan_(std::move(plan)) {}
  FirstProcess(const FirstProcess&) = delete;
  FirstProcess& operator=(const FirstProcess&) = delete;

  // Returns the exit status to end with: the command's, 128 and the signal's number if a signal
  // ended it (as shells say it), 127 if there is no such program, 126 if it cannot be executed.
  int Run();

 private:
  bool StartCommand();
  bool StartAgent();
  // Takes what has ended; true when it is time to end.
  bool Reap();
  void OnAgentEnded(int wait_status);
  void PassOn(int signal);
  void StopAgent();
  [[noreturn]] void ExecCommand();

  const Plan plan_;
  sigset_t usual_signals_ = {};
  pid_t command_ = 0;
  pid_t agent_ = 0;
  absl::Time agent_started_;
  absl::Time agent_due_ = absl::InfiniteFuture();  // when it is started again
  absl::Duration pause_;
  bool ending_ = false;  // was told to: the agent is not started again
  int status_ = 0;
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_FIRST_PROCESS_H_
