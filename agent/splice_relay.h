// Joins two sockets in the kernel, both ways, with splice(2): no byte passes through this process.
//
// Backpressure is TCP's own: a side is read only when the pipe towards the other is empty. The end
// of one direction (FIN) is passed on, and the relay is over when both directions are. After an
// error of one socket what it had sent before is still delivered, for a moment.
//
// Threads: the loop's.
#ifndef HOMEPORT_AGENT_SPLICE_RELAY_H_
#define HOMEPORT_AGENT_SPLICE_RELAY_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/event_loop.h"
#include "base/unique_fd.h"

namespace homeport::agent {

class SpliceRelay {
 public:
  // Told once that it is over, from the loop; may destroy the relay. Not called by the destructor.
  using DoneCallback = std::function<void(const absl::Status& status)>;

  // Two connected non-blocking sockets. RESOURCE_EXHAUSTED without descriptors for the pipes.
  static absl::StatusOr<std::unique_ptr<SpliceRelay>> Create(EventLoop& loop, UniqueFd a,
                                                             UniqueFd b, DoneCallback on_done);
  ~SpliceRelay();
  SpliceRelay(const SpliceRelay&) = delete;
  SpliceRelay& operator=(const SpliceRelay&) = delete;

  uint64_t bytes_a_to_b() const { return directions_[0].bytes; }
  uint64_t bytes_b_to_a() const { return directions_[1].bytes; }

 private:
  struct Side {
    UniqueFd fd;
    uint32_t wanted = 0;
    bool watched = false;
    bool failed = false;  // reset: no more is heard of it but what had arrived
  };
  struct Direction {
    int from = 0;  // index into sides_
    int to = 0;
    UniqueFd pipe_read;
    UniqueFd pipe_write;
    size_t in_pipe = 0;
    size_t pipe_bytes = 0;
    bool source_ended = false;
    bool over = false;  // everything delivered and the end passed on, or given up
    uint64_t bytes = 0;
  };

  SpliceRelay(EventLoop& loop, UniqueFd a, UniqueFd b, DoneCallback on_done);

  absl::Status OpenPipes();
  void OnEvent(int side, uint32_t events);
  void Pump(Direction& direction);
  // Each moves what goes; false if nothing went.
  bool Fill(Direction& direction);
  bool Drain(Direction& direction);
  void Fail(int side, int error);
  void UpdateInterest();
  void Finish();

  EventLoop& loop_;
  const DoneCallback on_done_;
  Side sides_[2];
  Direction directions_[2];
  absl::Status status_;
  EventLoop::TimerId linger_timer_ = 0;
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_SPLICE_RELAY_H_
