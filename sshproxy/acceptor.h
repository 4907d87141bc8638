// Accepts connections on a listening socket and hands them on. Survives running out of descriptors:
// it waits a moment and goes on.
//
// Threads: the loop's thread.
#ifndef HOMEPORT_SSHPROXY_ACCEPTOR_H_
#define HOMEPORT_SSHPROXY_ACCEPTOR_H_

#include <functional>

#include "base/event_loop.h"
#include "base/unique_fd.h"

namespace homeport {

class Acceptor {
 public:
  using Callback = std::function<void(UniqueFd socket)>;
  // Told when accepting failed for want of descriptors or memory.
  using ErrorCallback = std::function<void(int error)>;

  Acceptor(EventLoop& loop, UniqueFd listener, Callback callback, ErrorCallback on_error);
  // Stops listening.
  ~Acceptor();

 private:
  void Accept();

  EventLoop& loop_;
  UniqueFd listener_;
  const Callback callback_;
  const ErrorCallback on_error_;
  EventLoop::TimerId retry_timer_ = 0;
};

}  // namespace homeport

#endif  // HOMEPORT_SSHPROXY_ACCEPTOR_H_
