#include "base/silence_timer.h"

#include <memory>

#include "gtest/gtest.h"

namespace homeport {
namespace {

constexpr absl::Duration kPatience = absl::Milliseconds(20);

TEST(SilenceTimerTest, IsQuietUntilItIsUsed) {
  EventLoop loop;
  SilenceTimer timer(loop, kPatience, [] { FAIL() << "nothing was used"; });
  loop.After(5 * kPatience, [&] { loop.Stop(); });
  loop.Run();
}

TEST(SilenceTimerTest, SpeaksOnceAfterEachBurst) {
  EventLoop loop;
  int silences = 0;
  SilenceTimer timer(loop, kPatience, [&] {
    ++silences;
    // The other burst comes when the first has been over for long.
    if (silences == 1) loop.After(5 * kPatience, [&] { timer.NoteUse(); });
    if (silences == 2) loop.After(5 * kPatience, [&] { loop.Stop(); });
  });
  for (int i = 0; i < 10; ++i) timer.NoteUse();
  loop.Run();
  EXPECT_EQ(silences, 2);
}

TEST(SilenceTimerTest, WaitsWhileItIsUsed) {
  EventLoop loop;
  int uses = 0;
  int uses_at_silence = 0;
  SilenceTimer timer(loop, kPatience, [&] {
    uses_at_silence = uses;
    loop.Stop();
  });
  // Every turn of the loop is a use, until there were many.
  std::function<void()> use = [&] {
    timer.NoteUse();
    if (++uses < 50) loop.After(kPatience / 10, use);
  };
  use();
  loop.Run();
  EXPECT_EQ(uses_at_silence, 50);
}

TEST(SilenceTimerTest, MayBeDestroyedWhenItSpeaksAndBefore) {
  EventLoop loop;
  auto before = std::make_unique<SilenceTimer>(loop, kPatience, [] { FAIL(); });
  before->NoteUse();
  before.reset();
  std::unique_ptr<SilenceTimer> timer;
  timer = std::make_unique<SilenceTimer>(loop, kPatience, [&] {
    timer.reset();
    loop.Stop();
  });
  timer->NoteUse();
  loop.Run();
  EXPECT_EQ(timer, nullptr);
}

}  // namespace
}  // namespace homeport
