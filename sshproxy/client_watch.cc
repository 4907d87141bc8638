#include "sshproxy/client_watch.h"

#include <utility>

namespace homeport {

ClientWatch::ClientWatch(EventLoop& loop, const Options& options, Callbacks callbacks)
    : loop_(loop), options_(options), callbacks_(std::move(callbacks)) {
  Arm();
}

ClientWatch::~ClientWatch() { loop_.Cancel(timer_); }

void ClientWatch::Arm() {
  if (options_.interval <= absl::ZeroDuration()) return;
  timer_ = loop_.After(options_.interval, [this] { OnTimer(); });
}

void ClientWatch::OnTimer() {
  timer_ = 0;
  missed_ = callbacks_.silent(options_.interval) ? missed_ + 1 : 0;
  if (missed_ >= options_.misses) {
    const std::function<void()> gone = callbacks_.gone;
    gone();
    return;
  }
  if (!callbacks_.heard()) callbacks_.ask();
  Arm();
}

}  // namespace homeport
