// A program that a story started. It cannot outlive the story: the destructor kills it, and the
// kernel does if the test is killed itself.
//
// Threads: the test's main thread, which must be the one that starts processes (the kernel's
// promise is about that thread).
#ifndef HOMEPORT_TESTS_INTEGRATION_PROCESS_H_
#define HOMEPORT_TESTS_INTEGRATION_PROCESS_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace homeport::story {

class Process {
 public:
  struct Command {
    // The first is the program, looked for in PATH if it has no slash.
    std::vector<std::string> arguments;
    // NAME=VALUE, in addition to the test's own environment without its HOMEPORT_ variables.
    std::vector<std::string> environment;
    // Descriptors of the test's; -1 is /dev/null for input and the log for output.
    int in = -1;
    int out = -1;
    int err = -1;
    // Where output goes that has no descriptor; appended to. Empty: /dev/null.
    std::string log_file;
    // `in` is a terminal and becomes the controlling one.
    bool terminal = false;
  };

  // Starts it in a session of its own. The test has failed if that was not possible.
  explicit Process(const Command& command);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  void Signal(int number) const;
  // What a shell would put into `$?`, once it has ended: the exit status or 128 + the signal.
  std::optional<int> status();
  bool running() { return !status().has_value(); }
  // Waits for the end; the test has failed, naming the program, if it did not come.
  std::optional<int> WaitToEnd(absl::Duration limit);

  // Resident memory now, and at its highest so far.
  int64_t memory_bytes() const;
  int64_t peak_memory_bytes() const;
  int open_files() const;
  int threads() const;

  // The command line, for messages.
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  pid_t pid_ = -1;
  std::optional<int> status_;
};

// Whether there is such a process; one that only waits to be reaped does not count.
bool IsAlive(pid_t pid);

// Kills and reaps whatever has the test as its parent; with it being the reaper of orphans
// (AdoptOrphans) that is also what sessions and servers left behind.
void AdoptOrphans();
void KillChildren();

}  // namespace homeport::story

#endif  // HOMEPORT_TESTS_INTEGRATION_PROCESS_H_
