// Gives free memory back to the kernel every few seconds, if any was freed (base/allocator.h).
//
// Threads: the loop's.
#ifndef HOMEPORT_BASE_MEMORY_RETURN_H_
#define HOMEPORT_BASE_MEMORY_RETURN_H_

#include "absl/time/time.h"
#include "base/event_loop.h"

namespace homeport {

class MemoryReturn {
 public:
  // One for a process. The loop outlives it.
  explicit MemoryReturn(EventLoop& loop);
  ~MemoryReturn();
  MemoryReturn(const MemoryReturn&) = delete;
  MemoryReturn& operator=(const MemoryReturn&) = delete;

 private:
  void Arm(absl::Duration delay);

  EventLoop& loop_;
  EventLoop::TimerId timer_ = 0;
};

}  // namespace homeport

#endif  // HOMEPORT_BASE_MEMORY_RETURN_H_
