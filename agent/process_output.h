// Reads what a process prints, only while there is room for it: otherwise the process waits.
//
// Threads: the loop's.
#ifndef HOMEPORT_AGENT_PROCESS_OUTPUT_H_
#define HOMEPORT_AGENT_PROCESS_OUTPUT_H_

#include <functional>

#include "absl/strings/string_view.h"
#include "agent/fd_watch.h"
#include "base/event_loop.h"
#include "base/unique_fd.h"

namespace homeport::agent {

class ProcessOutput {
 public:
  struct Callbacks {
    std::function<size_t()> room;                 // how much `take` takes now
    std::function<void(absl::string_view)> take;  // never more than that
    std::function<void()> ended;                  // once, after the last bytes; may destroy nothing
  };

  // `fd` is non-blocking. Reading starts from the loop.
  ProcessOutput(EventLoop& loop, UniqueFd fd, Callbacks callbacks);

  // Looks again whether there is room.
  void OnRoom();
  // Reads what is there already, as far as there is room.
  void ReadAvailable();
  // The process has ended: what it printed is still read, but others that hold the descriptor (a
  // background process on its terminal) are not waited for.
  void EndWhenEmpty();

  // Nobody wants the rest: a process that goes on writing to its pipe gets SIGPIPE.
  void Abandon();

  bool ended() const { return ended_; }

 private:
  // Reads once. False if there is nothing more for now.
  bool ReadOnce();
  void UpdateInterest();
  void End();

  UniqueFd fd_;
  const Callbacks callbacks_;
  bool end_when_empty_ = false;
  size_t left_after_exit_;
  bool ended_ = false;
  FdWatch watch_;
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_PROCESS_OUTPUT_H_
