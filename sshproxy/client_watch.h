// Notices a user's client that has vanished: a laptop that lost its network says no goodbye.
//
// Whoever has been silent for an interval is asked for a sign of life, which also keeps NAT and
// load balancers from forgetting the connection. Gone is who has, for several intervals in a row,
// not even acknowledged what was sent (TCP_INFO, tcp(7)); so a suspended client, whose kernel
// still answers, may sleep as long as it likes, as with sshd's defaults. One that had stopped
// reading before it vanished is noticed later: the kernel asks it for room ever more seldom, down
// to every two minutes. TCP's own keepalive would not do: it rests while data is on its way.
//
// Threads: the loop's.
#ifndef HOMEPORT_SSHPROXY_CLIENT_WATCH_H_
#define HOMEPORT_SSHPROXY_CLIENT_WATCH_H_

#include <functional>

#include "absl/time/time.h"
#include "base/event_loop.h"

namespace homeport {

class ClientWatch {
 public:
  struct Options {
    // Zero: do not watch. With these a client that vanished is noticed within 90 s.
    absl::Duration interval = absl::Seconds(15);
    int misses = 4;
  };
  struct Callbacks {
    std::function<bool()> heard;  // whether the client spoke since the last call
    std::function<void()> ask;    // sends it something to answer
    // Whether it owes acknowledgements and has sent none for this long.
    std::function<bool(absl::Duration)> silent;
    std::function<void()> gone;  // may destroy this object; comes once
  };

  ClientWatch(EventLoop& loop, const Options& options, Callbacks callbacks);
  ~ClientWatch();
  ClientWatch(const ClientWatch&) = delete;
  ClientWatch& operator=(const ClientWatch&) = delete;

 private:
  void Arm();
  void OnTimer();

  EventLoop& loop_;
  const Options options_;
  const Callbacks callbacks_;
  int missed_ = 0;
  EventLoop::TimerId timer_ = 0;
};

}  // namespace homeport

#endif  // HOMEPORT_SSHPROXY_CLIENT_WATCH_H_
