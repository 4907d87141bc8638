#include "base/silence_timer.h"

#include <utility>

namespace homeport {

SilenceTimer::SilenceTimer(EventLoop& loop, absl::Duration patience,
                           std::function<void()> on_silence)
    : loop_(loop), patience_(patience), on_silence_(std::move(on_silence)) {}

SilenceTimer::~SilenceTimer() { loop_.Cancel(timer_); }

void SilenceTimer::NoteUse() {
  used_ = true;
  if (timer_ == 0) Arm();
}

void SilenceTimer::Arm() {
  used_ = false;
  timer_ = loop_.After(patience_, [this] {
    timer_ = 0;
    if (used_) {
      Arm();
      return;
    }
    // May destroy this object, and with it the function.
    const std::function<void()> on_silence = on_silence_;
    on_silence();
  });
}

}  // namespace homeport
