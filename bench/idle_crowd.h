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
  IdleCrowd(EventLoop& loop, const LoadConnection::Target& target, int count, int parallel)
      : loop_(loop), target_(target), count_(count), parallel_(parallel) {}

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

  EventLoop& loop_;
  const LoadConnection::Target& target_;
  const size_t count_;
  const size_t parallel_;
  std::vector<std::unique_ptr<LoadSession>> sessions_;
  std::string orders_;  // read and not yet whole lines
  size_t started_ = 0;
  size_t over_ = 0;
  uint64_t half_bytes_ = 0;
  size_t next_to_move_ = 0;
  size_t moved_ = 0;
  bool closing_ = false;
  absl::Status failure_;
};

}  // namespace homeport::bench

#endif  // HOMEPORT_BENCH_IDLE_CROWD_H_
