#include "base/event_loop.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace homeport {
namespace {

struct Pipe {
  Pipe() {
    int fds[2];
    EXPECT_EQ(pipe2(fds, O_NONBLOCK | O_CLOEXEC), 0);
    reader.Reset(fds[0]);
    writer.Reset(fds[1]);
  }
  void Put() { EXPECT_EQ(write(writer.get(), "x", 1), 1); }
  UniqueFd reader, writer;
};

TEST(EventLoopTest, RunsPostedWorkInOrderAndFromOtherThreads) {
  EventLoop loop;
  std::string order;
  loop.Post([&] { order += "a"; });
  loop.Post([&] {
    order += "b";
    loop.Post([&] {
      order += "c";
      loop.Stop();
    });
  });
  loop.Run();
  EXPECT_EQ(order, "abc");

  EventLoop other;
  std::thread thread([&] { other.Post([&] { other.Stop(); }); });
  other.Run();
  thread.join();
}

TEST(EventLoopTest, TimersFireInOrderAndCanBeCancelled) {
  EventLoop loop;
  std::string order;
  loop.After(absl::Milliseconds(20), [&] {
    order += "b";
    loop.Stop();
  });
  const auto cancelled = loop.After(absl::Milliseconds(10), [&] { order += "x"; });
  loop.After(absl::Milliseconds(5), [&] {
    order += "a";
    loop.Cancel(cancelled);
  });
  loop.Run();
  EXPECT_EQ(order, "ab");
}

TEST(EventLoopTest, ACallbackMayUnwatchAnotherDescriptorOfTheSameRound) {
  EventLoop loop;
  Pipe one, two;
  one.Put();
  two.Put();
  int calls = 0;
  const auto first_wins = [&](Pipe& other) {
    return [&](uint32_t) {
      ++calls;
      loop.Unwatch(one.reader.get());
      loop.Unwatch(two.reader.get());
      other.reader.Reset();
      loop.Stop();
    };
  };
  loop.Watch(one.reader.get(), EPOLLIN, first_wins(two));
  loop.Watch(two.reader.get(), EPOLLIN, first_wins(one));
  loop.Run();
  EXPECT_EQ(calls, 1);
}

TEST(EventLoopTest, ModifyChangesWhatIsWatched) {
  EventLoop loop;
  Pipe pipe;
  pipe.Put();
  int calls = 0;
  loop.Watch(pipe.reader.get(), 0, [&](uint32_t) {
    ++calls;
    loop.Stop();
  });
  loop.After(absl::Milliseconds(5), [&] {
    EXPECT_EQ(calls, 0);
    loop.Modify(pipe.reader.get(), EPOLLIN);
  });
  loop.Run();
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace homeport
