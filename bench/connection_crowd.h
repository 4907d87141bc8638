// So many connections, so many at a time, each of which signs in, runs `true` and leaves.
//
// Threads: the one that calls Run.
#ifndef HOMEPORT_BENCH_CONNECTION_CROWD_H_
#define HOMEPORT_BENCH_CONNECTION_CROWD_H_

#include <memory>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/event_loop.h"
#include "bench/load_connection.h"

namespace homeport::bench {

class ConnectionCrowd : public LoadConnection::Owner {
 public:
  ConnectionCrowd(EventLoop& loop, const LoadConnection::Target& target, int count, int parallel)
      : loop_(loop), target_(target), count_(count), parallel_(parallel) {}

  // Runs the loop until all are done, and prints a line of figures: the time of all of them, and
  // the median and the longest time of one. The first failure, if there was one; the others go on.
  absl::Status Run();

 private:
  struct Member {
    std::unique_ptr<LoadConnection> connection;
    absl::Time started;
  };

  void StartOne();
  void OnOver(LoadConnection& connection, const absl::Status& status) override;
  void Count(const absl::Status& status);
  void Print(absl::Duration took);

  EventLoop& loop_;
  const LoadConnection::Target& target_;
  const int count_;
  const int parallel_;
  std::unordered_map<LoadConnection*, Member> members_;
  int started_ = 0;
  int over_ = 0;
  int failed_ = 0;
  std::vector<absl::Duration> times_;
  absl::Status first_failure_;
};

}  // namespace homeport::bench

#endif  // HOMEPORT_BENCH_CONNECTION_CROWD_H_
