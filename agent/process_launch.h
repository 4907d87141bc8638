// Starts a session's process: on pipes, or on a pseudo-terminal.
//
// Threads: any; the process may have others. Between fork and exec the child makes system calls
// only.
#ifndef HOMEPORT_AGENT_PROCESS_LAUNCH_H_
#define HOMEPORT_AGENT_PROCESS_LAUNCH_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/pty.h"
#include "base/unique_fd.h"

namespace homeport::agent {

struct ProcessPlan {
  std::string program;                   // absolute path
  std::vector<std::string> arguments;    // argv, its [0] included
  std::vector<std::string> environment;  // "NAME=value"
  std::string folder;                    // "/" is taken if it cannot be entered
};

struct LaunchedProcess {
  pid_t pid = 0;   // leads a session and process group of its own; the caller reaps it
  UniqueFd input;  // ours, non-blocking, close-on-exec, as are the others
  UniqueFd output;
  UniqueFd error;  // not with a pseudo-terminal
};

// Errors name what failed: no descriptors, no process, or that the program cannot be executed.
absl::StatusOr<LaunchedProcess> LaunchOnPipes(const ProcessPlan& plan);
// `pty` stays the caller's; its slave is closed. `input` and `output` are duplicates of its master.
absl::StatusOr<LaunchedProcess> LaunchOnPty(const ProcessPlan& plan, Pty& pty);

// Raises this process's limit of open descriptors as far as it may; launched processes get the
// limit that was there before. In main, before threads start.
void RaiseDescriptorLimit();

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_PROCESS_LAUNCH_H_
