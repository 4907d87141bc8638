// Many agents in one process, each with a connection and a stream of its own to the coordinator:
// the agent's own HomeStream, and nothing behind it.
//
// Says on standard output, a line each, with times of CLOCK_MONOTONIC in seconds:
//   standing count=N first= middle= p99= last=   all have been welcomed (again)
//   gone count=N last=                           none is connected any more
//   told count=N first= middle= p99= last=       all were told something that they acknowledge
// until standard input ends.
//
// Threads: the one that calls Run; the streams have theirs, and call the loop's.
#ifndef HOMEPORT_BENCH_AGENT_CROWD_H_
#define HOMEPORT_BENCH_AGENT_CROWD_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "agent/home_stream.h"
#include "base/event_loop.h"

namespace homeport::bench {

class AgentCrowd {
 public:
  struct Options {
    std::string coordinator;
    std::string ca_file;
    std::string credentials;  // the folder that has them: files "0", "1" and so on
    int count = 0;
  };

  explicit AgentCrowd(Options options);
  ~AgentCrowd();

  absl::Status Run();

 private:
  class Member;
  // When each of a number of things has happened.
  struct Times {
    std::vector<double> times;
    void Note();
    void Print(const char* word) const;
  };

  absl::Status Add(int number);
  void OnStanding();
  void OnGone();
  void OnTold();

  const Options options_;
  EventLoop loop_;
  std::vector<std::unique_ptr<Member>> members_;
  // The loop's thread.
  int standing_ = 0;
  Times welcomes_, told_;
};

}  // namespace homeport::bench

#endif  // HOMEPORT_BENCH_AGENT_CROWD_H_
