#include "rpc/resting_timers.h"

#include <linux/futex.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdint>
#include <cstring>
#include <ctime>

#include "grpc/grpc.h"
#include "grpc/support/time.h"

// The linker's names: what is wrapped, and what takes its place for everybody.
extern "C" {
long __real_syscall(long number, ...);                                      // NOLINT
long __wrap_syscall(long number, ...);                                      // NOLINT
grpc_event __real_grpc_completion_queue_next(grpc_completion_queue* queue,  // NOLINT
                                             gpr_timespec deadline, void* reserved);
grpc_event __wrap_grpc_completion_queue_next(grpc_completion_queue* queue,  // NOLINT
                                             gpr_timespec deadline, void* reserved);
}

namespace homeport {
namespace {

// As the kernel cuts them to 15 characters.
constexpr const char* kTimerThreads[] = {"grpc_global_tim", "timer_manager"};
constexpr char kCallbackThread[] = "nexting_thread";

std::atomic<bool> resting{false};
// The words that timer threads wait at; more of them than there ever are.
std::array<std::atomic<uint32_t*>, 8> sleepers{};

struct ThreadName {
  ThreadName() { prctl(PR_GET_NAME, text); }
  char text[16] = {};
};

bool IsTimerThread() {
  const ThreadName name;
  for (const char* known : kTimerThreads) {
    if (strcmp(name.text, known) == 0) return true;
  }
  return false;
}

// A wait that is over as soon as it begins is no rest between timers: timers themselves wait so,
// for gRPC's events, and hold up others.
bool IsOver(const timespec& until) {
  timespec now = {};
  clock_gettime(CLOCK_REALTIME, &now);
  now.tv_nsec += 2'000'000;
  return until.tv_sec < now.tv_sec || (until.tv_sec == now.tv_sec && until.tv_nsec <= now.tv_nsec);
}

// Waits as the call asks, but to the next whole kRest seconds: then all of them wake at once.
long WaitLonger(uint32_t* word, const std::array<long, 6>& arguments) {
  for (std::atomic<uint32_t*>& sleeper : sleepers) {
    uint32_t* nobody = nullptr;
    if (!sleeper.compare_exchange_strong(nobody, word)) continue;
    timespec until = *reinterpret_cast<const timespec*>(arguments[3]);
    if (resting) until = {(until.tv_sec / kRest + 1) * kRest, 0};
    const long result = __real_syscall(SYS_futex, word, arguments[1], arguments[2], &until,
                                       arguments[4], arguments[5]);
    const int error = errno;
    sleeper = nullptr;
    errno = error;
    return result;
  }
  return __real_syscall(SYS_futex, word, arguments[1], arguments[2], arguments[3], arguments[4],
                        arguments[5]);
}

}  // namespace

void LetTimersRest(bool rest) {
  resting = rest;
  if (rest) return;
  // They find that their time is not over, and wait for what is left of it.
  for (const std::atomic<uint32_t*>& sleeper : sleepers) {
    uint32_t* word = sleeper;
    if (word != nullptr) __real_syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, 0L, 0L, 0L);
  }
}

}  // namespace homeport

// Everything that goes to the kernel without a function of libc's own; only a timed wait until some
// time of a timer thread is looked at.
long __wrap_syscall(long number, ...) {  // NOLINT
  va_list list;
  va_start(list, number);
  std::array<long, 6> arguments;
  for (long& argument : arguments) argument = va_arg(list, long);
  va_end(list);
  if (number == SYS_futex && (arguments[1] & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET &&
      arguments[3] != 0 && homeport::resting &&
      !homeport::IsOver(*reinterpret_cast<const timespec*>(arguments[3])) &&
      homeport::IsTimerThread()) {
    return homeport::WaitLonger(reinterpret_cast<uint32_t*>(arguments[0]), arguments);
  }
  return __real_syscall(number, arguments[0], arguments[1], arguments[2], arguments[3],
                        arguments[4], arguments[5]);
}

grpc_event __wrap_grpc_completion_queue_next(grpc_completion_queue* queue,  // NOLINT
                                             gpr_timespec deadline, void* reserved) {
  // Whatever ends the wait is an event of the queue, its shutdown too.
  if (strcmp(homeport::ThreadName().text, homeport::kCallbackThread) == 0) {
    deadline = gpr_inf_future(GPR_CLOCK_REALTIME);
  }
  return __real_grpc_completion_queue_next(queue, deadline, reserved);
}
