#include "base/memory_return.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "base/allocator.h"

namespace homeport {
namespace {

constexpr absl::Duration kInterval = absl::Seconds(5);
// At most one part in so many of the thread's time.
constexpr int kShareOfTime = 200;

}  // namespace

MemoryReturn::MemoryReturn(EventLoop& loop) : loop_(loop) { Arm(kInterval); }

MemoryReturn::~MemoryReturn() { loop_.Cancel(timer_); }

void MemoryReturn::Arm(absl::Duration delay) {
  timer_ = loop_.After(delay, [this] {
    const absl::Time started = absl::Now();
    ReturnFreeMemory();
    Arm(std::max(kInterval, kShareOfTime * (absl::Now() - started)));
  });
}

}  // namespace homeport
