// One thread's loop: epoll, timers, and work posted from other threads.
//
// Threads: Post and Stop from any; everything else from the loop's own thread (or before Run).
// Callbacks run on the loop's thread and never block. A callback may unwatch any descriptor and
// cancel any timer, its own included.
#ifndef HOMEPORT_BASE_EVENT_LOOP_H_
#define HOMEPORT_BASE_EVENT_LOOP_H_

#include <sys/epoll.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/unique_fd.h"

namespace homeport {

class EventLoop {
 public:
  using Work = std::function<void()>;
  using FdCallback = std::function<void(uint32_t events)>;
  using TimerId = uint64_t;

  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Calls `callback` with the EPOLL… bits whenever one of `events` (or EPOLLERR, EPOLLHUP) is up;
  // level-triggered. At most one watch a descriptor. The descriptor stays the caller's; unwatch
  // before closing it.
  void Watch(int fd, uint32_t events, FdCallback callback);
  void Modify(int fd, uint32_t events);
  void Unwatch(int fd);

  // Calls `work` once, after `delay`.
  TimerId After(absl::Duration delay, Work work);
  // Does nothing for a timer that has fired or was cancelled, and for 0.
  void Cancel(TimerId timer);

  // Runs `work` on the loop's thread, at the earliest after the present callback has returned. Any
  // thread. After Stop, posted work is run or dropped.
  void Post(Work work);

  void Run();
  // Makes Run return after the present round. Any thread.
  void Stop();

 private:
  struct Watcher {
    FdCallback callback;
    uint32_t events = 0;
    uint64_t generation = 0;
  };

  void RunPosted();
  void RunTimers();
  int WaitMilliseconds();

  UniqueFd epoll_;
  UniqueFd wakeup_;  // eventfd
  std::unordered_map<int, std::shared_ptr<Watcher>>
      watchers_;  // shared with the callback under way
  uint64_t next_generation_ = 1;
  std::map<std::pair<absl::Time, TimerId>, Work> timers_;
  std::unordered_map<TimerId, absl::Time> timer_times_;
  TimerId next_timer_ = 1;

  absl::Mutex mutex_;
  std::vector<Work> posted_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread::id thread_ ABSL_GUARDED_BY(mutex_);  // the one in Run
};

}  // namespace homeport

#endif  // HOMEPORT_BASE_EVENT_LOOP_H_
