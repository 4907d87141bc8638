// A descriptor in the loop, watched only while something is wanted of it: one that has hung up
// reports it for ever, and would keep the loop turning.
//
// Threads: the loop's.
#ifndef HOMEPORT_AGENT_FD_WATCH_H_
#define HOMEPORT_AGENT_FD_WATCH_H_

#include <utility>

#include "base/event_loop.h"

namespace homeport::agent {

class FdWatch {
 public:
  // `fd` stays the caller's and outlives this object.
  FdWatch(EventLoop& loop, int fd, EventLoop::FdCallback callback)
      : loop_(loop), fd_(fd), callback_(std::move(callback)) {}
  ~FdWatch() { Want(0); }
  FdWatch(const FdWatch&) = delete;
  FdWatch& operator=(const FdWatch&) = delete;

  // EPOLLIN, EPOLLOUT, both or 0.
  void Want(uint32_t events) {
    if (events == wanted_) return;
    if (events == 0) {
      loop_.Unwatch(fd_);
    } else if (wanted_ == 0) {
      loop_.Watch(fd_, events, callback_);
    } else {
      loop_.Modify(fd_, events);
    }
    wanted_ = events;
  }

 private:
  EventLoop& loop_;
  const int fd_;
  const EventLoop::FdCallback callback_;
  uint32_t wanted_ = 0;
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_FD_WATCH_H_
