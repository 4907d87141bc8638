#include "base/termination.h"

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "absl/time/clock.h"

namespace homeport {
namespace {

constexpr absl::Duration kPoll = absl::Milliseconds(50);

sigset_t TerminationSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

void BlockTerminationSignals() {
  const sigset_t set = TerminationSignals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

void RestoreSignalsInChild() {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGPIPE, SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGCHLD}) {
    signal(number, SIG_DFL);
  }
}

bool WaitForTermination(absl::Duration timeout) {
  const sigset_t set = TerminationSignals();
  const absl::Time deadline = absl::Now() + timeout;
  for (;;) {
    // A long wait is cut into days: timespec has no infinity.
    const absl::Duration left = std::min(deadline - absl::Now(), absl::Hours(24));
    const timespec spec = absl::ToTimespec(std::max(left, absl::ZeroDuration()));
    if (sigtimedwait(&set, nullptr, &spec) > 0) return true;
    if (absl::Now() >= deadline) return false;
  }
}

bool WaitUntilDoneOrSignal(const std::function<bool()>& done, absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  while (!done()) {
    if (absl::Now() >= deadline || WaitForTermination(kPoll)) return done();
  }
  return true;
}

}  // namespace homeport
