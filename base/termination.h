// SIGTERM and SIGINT as something that main can wait for: the first drains, the second stops now.
//
// Threads: BlockTerminationSignals in main before any thread starts (they inherit the mask); the
// waits in main.
#ifndef HOMEPORT_BASE_TERMINATION_H_
#define HOMEPORT_BASE_TERMINATION_H_

#include <functional>

#include "absl/time/time.h"

namespace homeport {

// Keeps SIGTERM and SIGINT for WaitForTermination, and ignores SIGPIPE.
void BlockTerminationSignals();

// Undoes BlockTerminationSignals in a child process before exec, so that the program starts with a
// usual mask. Async-signal-safe.
void RestoreSignalsInChild();

// Waits for SIGTERM or SIGINT, at most `timeout`. True if one came.
bool WaitForTermination(absl::Duration timeout);

// Waits until `done` returns true, a termination signal comes or `timeout` is over. True if done.
bool WaitUntilDoneOrSignal(const std::function<bool()>& done, absl::Duration timeout);

}  // namespace homeport

#endif  // HOMEPORT_BASE_TERMINATION_H_
