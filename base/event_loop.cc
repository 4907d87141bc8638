#include "base/event_loop.h"

#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>

#include "absl/time/clock.h"

namespace homeport {
namespace {

constexpr int kEventsPerRound = 128;
// epoll's data: the descriptor, and below it a generation, so that an event queued for a descriptor
// that was closed and opened again in the same round reaches nobody.
uint64_t Tag(int fd, uint64_t generation) {
  return static_cast<uint64_t>(static_cast<uint32_t>(fd)) << 32 | (generation & 0xffffffff);
}

}  // namespace

EventLoop::EventLoop()
    : epoll_(epoll_create1(EPOLL_CLOEXEC)), wakeup_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  Watch(wakeup_.get(), EPOLLIN, [this](uint32_t) {
    uint64_t count;
    while (read(wakeup_.get(), &count, sizeof(count)) > 0) {
    }
  });
}

EventLoop::~EventLoop() = default;

void EventLoop::Watch(int fd, uint32_t events, FdCallback callback) {
  auto watcher = std::make_shared<Watcher>();
  watcher->callback = std::move(callback);
  watcher->events = events;
  watcher->generation = next_generation_++;
  epoll_event event = {};
  event.events = events;
  event.data.u64 = Tag(fd, watcher->generation);
  epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event);
  watchers_[fd] = std::move(watcher);
}

void EventLoop::Modify(int fd, uint32_t events) {
  const auto found = watchers_.find(fd);
  if (found == watchers_.end() || found->second->events == events) return;
  found->second->events = events;
  epoll_event event = {};
  event.events = events;
  event.data.u64 = Tag(fd, found->second->generation);
  epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void EventLoop::Unwatch(int fd) {
  if (watchers_.erase(fd) == 0) return;
  [[maybe_unused]] const int rc = epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  assert((rc == 0 || errno != EBADF) && "closed before it was unwatched");
}

EventLoop::TimerId EventLoop::After(absl::Duration delay, Work work) {
  const TimerId id = next_timer_++;
  const absl::Time when = absl::Now() + delay;
  timers_.emplace(std::make_pair(when, id), std::move(work));
  timer_times_.emplace(id, when);
  return id;
}

void EventLoop::Cancel(TimerId timer) {
  const auto found = timer_times_.find(timer);
  if (found == timer_times_.end()) return;
  timers_.erase({found->second, timer});
  timer_times_.erase(found);
}

void EventLoop::Post(Work work) {
  {
    absl::MutexLock lock(&mutex_);
    posted_.push_back(std::move(work));
    if (posted_.size() > 1) return;  // somebody has woken the loop already
    // The loop looks here before it waits.
    if (thread_ == std::this_thread::get_id()) return;
  }
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wakeup_.get(), &one, sizeof(one));
}

void EventLoop::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  Post([] {});
}

void EventLoop::RunPosted() {
  std::vector<Work> work;
  {
    absl::MutexLock lock(&mutex_);
    work.swap(posted_);
  }
  for (Work& item : work) item();
}

void EventLoop::RunTimers() {
  const absl::Time now = absl::Now();
  while (!timers_.empty() && timers_.begin()->first.first <= now) {
    Work work = std::move(timers_.begin()->second);
    timer_times_.erase(timers_.begin()->first.second);
    timers_.erase(timers_.begin());
    work();
  }
}

int EventLoop::WaitMilliseconds() {
  if (timers_.empty()) return -1;
  const absl::Duration left = timers_.begin()->first.first - absl::Now();
  const int64_t milliseconds = absl::ToInt64Milliseconds(absl::Ceil(left, absl::Milliseconds(1)));
  return static_cast<int>(std::clamp<int64_t>(milliseconds, 0, 3'600'000));
}

void EventLoop::Run() {
  std::array<epoll_event, kEventsPerRound> events;
  bool more_work = false;
  {
    absl::MutexLock lock(&mutex_);
    thread_ = std::this_thread::get_id();
    more_work = !posted_.empty();
  }
  for (;;) {
    const int count = epoll_wait(epoll_.get(), events.data(), kEventsPerRound,
                                 more_work ? 0 : WaitMilliseconds());
    for (int i = 0; i < count; ++i) {
      const int fd = static_cast<int>(events[i].data.u64 >> 32);
      const auto found = watchers_.find(fd);
      if (found == watchers_.end() || Tag(fd, found->second->generation) != events[i].data.u64) {
        continue;
      }
      const std::shared_ptr<Watcher> watcher = found->second;
      watcher->callback(events[i].events);
    }
    RunTimers();
    RunPosted();
    absl::MutexLock lock(&mutex_);
    more_work = !posted_.empty();
    if (stopping_) {
      thread_ = {};
      return;
    }
  }
}

}  // namespace homeport
