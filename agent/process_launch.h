// Starts a session's process: on pipes, or on a pseudo-terminal.
//
// Nobody waits for the program to be executed: what is slow on the way (a greeting that nobody
// reads, preparations) is slow in the child.
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

// A program that may run to its end before the session's own, in its place: ~/.ssh/rc, xauth.
struct Preparation {
  std::string condition;               // a file without which it does not run
  std::string program;                 // absolute path
  std::vector<std::string> arguments;  // argv, its [0] included
  std::string input;
};

struct ProcessPlan {
  std::string program;                           // absolute path
  std::vector<std::string> arguments;            // argv, its [0] included
  std::vector<std::string> environment;          // "NAME=value"; see child_environment.h
  std::string environment_file;                  // what it sets wins over the environment
  std::vector<std::string> session_environment;  // wins over both
  std::string folder;                            // "/" is taken if it cannot be entered
  std::vector<std::string> greetings;            // files copied to its output first: /etc/motd
  std::string hush;                       // a file that, if it is there, takes the greetings away
  std::vector<Preparation> preparations;  // the first whose condition is met is run
};

struct LaunchedProcess {
  pid_t pid = 0;   // leads a session and process group of its own; the caller reaps it
  UniqueFd input;  // ours, non-blocking, close-on-exec, as are the others
  UniqueFd output;
  UniqueFd error;  // not with a pseudo-terminal
};

// Errors name what failed: no descriptors or no process. A program that cannot be executed says so
// on its standard error and ends with status 1, as with sshd.
absl::StatusOr<LaunchedProcess> LaunchOnPipes(const ProcessPlan& plan);
// `pty` stays the caller's; its slave is closed. `input` and `output` are duplicates of its master.
absl::StatusOr<LaunchedProcess> LaunchOnPty(const ProcessPlan& plan, Pty& pty);

// Raises this process's limit of open descriptors as far as it may; launched processes get the
// limit that was there before. In main, before threads start.
void RaiseDescriptorLimit();

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_PROCESS_LAUNCH_H_
