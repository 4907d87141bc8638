// Sessions that stay open with a shell loop in them, and move bytes when told to.
//
// Threads: the one that calls Run.
#ifndef HOMEPORT_BENCH_IDLE_CROWD_H_
#define HOMEPORT_BENCH_IDLE_CROWD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/event_loop.h"
#include "bench/load_connection.h"
#include "bench/load_session.h"

namespace homeport::bench {

class IdleCrowd : public LoadConnection::Owner {
 public:
  // What is done when the server ends the sessions: that is a failure, or what they are there for.
  enum class WhenEnded { kFail, kReport };

  IdleCrowd(EventLoop& loop, const LoadConnection::Target& target, int count, int parallel,
            WhenEnded when_ended = WhenEnded::kFail)
      : loop_(loop),
        target_(target),
        count_(static_cast<size_t>(count)),
        parallel_(static_cast<size_t>(parallel)),
        when_ended_(when_ended) {}

  // Opens the sessions and obeys standard input until it ends; load_client.cc says how. The first
  // failure, which ends all of it.
  absl::Status Run();

 private:
  void StartOne();
  void OnStarted();
  void OnOver(LoadConnection& connection, const absl::Status& status) override;
  void ReadOrders();
  void Obey(const std::string& order);
  void MoveNext();
  void CloseAll();
  // Counts a session that the server ended, and prints when the first and the last of them were.
  void NoteEnded();

  EventLoop& loop_;
  const LoadConnection::Target& target_;
  const size_t count_;
  const size_t parallel_;
  const WhenEnded when_ended_;
  std::vector<std::unique_ptr<LoadSession>> sessions_;
  std::string orders_;  // read and not yet whole lines
  size_t started_ = 0;
  size_t over_ = 0;
  uint64_t half_bytes_ = 0;
  size_t next_to_move_ = 0;
  size_t moved_ = 0;
  bool closing_ = false;
  std::vector<double> ended_;  // CLOCK_MONOTONIC, seconds
  absl::Status failure_;
};

}  // namespace homeport::bench

#endif  // HOMEPORT_BENCH_IDLE_CROWD_H_
