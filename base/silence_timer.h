// Notices when something that is used in bursts has not been used for a while, for the price of one
// timer a while and not one a use.
//
// Threads: the loop's.
#ifndef HOMEPORT_BASE_SILENCE_TIMER_H_
#define HOMEPORT_BASE_SILENCE_TIMER_H_

#include <functional>

#include "absl/time/time.h"
#include "base/event_loop.h"

namespace homeport {

class SilenceTimer {
 public:
  // `on_silence` is called once after each burst: between `patience` and twice that after its last
  // use. It may destroy the timer. The loop outlives it.
  SilenceTimer(EventLoop& loop, absl::Duration patience, std::function<void()> on_silence);
  ~SilenceTimer();
  SilenceTimer(const SilenceTimer&) = delete;
  SilenceTimer& operator=(const SilenceTimer&) = delete;

  void NoteUse();

 private:
  void Arm();

  EventLoop& loop_;
  const absl::Duration patience_;
  const std::function<void()> on_silence_;
  bool used_ = false;  // since the timer was set
  EventLoop::TimerId timer_ = 0;
};

}  // namespace homeport

#endif  // HOMEPORT_BASE_SILENCE_TIMER_H_
