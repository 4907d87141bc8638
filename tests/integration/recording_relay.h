// Somebody between the agents and the proxy's tunnel port: passes everything on and keeps the
// preambles that it sees; or, as a thief would, lets another server in on an agent's ticket.
//
// Threads: has one of its own; its methods from the test's.
#ifndef HOMEPORT_TESTS_INTEGRATION_RECORDING_RELAY_H_
#define HOMEPORT_TESTS_INTEGRATION_RECORDING_RELAY_H_

#include <list>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/unique_fd.h"

namespace homeport::story {

class RecordingRelay {
 public:
  // Listens on a free port.
  RecordingRelay();
  ~RecordingRelay();

  const std::string& address() const { return address_; }
  // Where connections go; to be set before the first.
  void SetTarget(const std::string& target);
  // From now on what follows the preamble is this server's and not the agent's.
  void DivertTo(const std::string& address);
  // The preambles seen so far.
  std::vector<std::string> preambles();

 private:
  // Two sockets, of which each gets what the other says.
  struct Pair {
    UniqueFd from;
    UniqueFd to;
    UniqueFd robbed;  // the agent whose ticket it was; it waits and suspects nothing
    bool over = false;
  };

  void Run();
  void Accept();
  static void Pass(Pair& pair, int from, int to);

  UniqueFd listener_;
  UniqueFd stop_read_;
  UniqueFd stop_write_;
  std::string address_;
  std::list<Pair> pairs_;  // Run()'s
  absl::Mutex mutex_;
  std::string target_ ABSL_GUARDED_BY(mutex_);
  std::string divert_to_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> preambles_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace homeport::story

#endif  // HOMEPORT_TESTS_INTEGRATION_RECORDING_RELAY_H_
