// Writes what a client sends to a process, as fast as the process takes it.
//
// What the process has not taken waits here; only what it has taken (or what nobody will ever take)
// is reported as consumed, so that the channel's window bounds what waits. The place where it waits
// is kept while there is traffic and given back a moment after the last.
//
// Threads: the loop's.
#ifndef HOMEPORT_AGENT_PROCESS_INPUT_H_
#define HOMEPORT_AGENT_PROCESS_INPUT_H_

#include <functional>
#include <string>

#include "absl/strings/string_view.h"
#include "agent/fd_watch.h"
#include "base/event_loop.h"
#include "base/silence_timer.h"
#include "base/unique_fd.h"

namespace homeport::agent {

class ProcessInput {
 public:
  // `fd` is non-blocking. `broken` is called once if the process has stopped reading before its
  // input was closed; it may destroy nothing.
  ProcessInput(EventLoop& loop, UniqueFd fd, std::function<void(size_t bytes)> consumed,
               std::function<void()> broken = nullptr);

  void Write(absl::string_view data);
  // The process sees the end of its input after what was written so far.
  void CloseWhenWritten();
  // Whether nothing waits.
  bool empty() const { return queue_.empty(); }

 private:
  // Writes what goes; returns how much. Breaks at an error.
  size_t WriteNow(absl::string_view data);
  void Flush();
  void CloseNow();
  void OnDrained();
  void GiveQueueBack();

  UniqueFd fd_;
  const std::function<void(size_t)> consumed_;
  const std::function<void()> broken_;
  std::string queue_;
  size_t written_ = 0;  // of queue_
  bool closing_ = false;
  SilenceTimer silence_;  // of the queue
  FdWatch watch_;
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_PROCESS_INPUT_H_
