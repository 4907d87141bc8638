// One of the world's servers: a command line that can be started, killed and started again, with a
// log that all its lives share.
//
// Threads: the test's main thread.
#ifndef HOMEPORT_TESTS_INTEGRATION_SERVICE_H_
#define HOMEPORT_TESTS_INTEGRATION_SERVICE_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tests/integration/process.h"

namespace homeport::story {

class Service {
 public:
  Service(std::string name, std::string log_file)
      : name_(std::move(name)), log_(std::move(log_file)) {}

  void SetCommand(std::vector<std::string> arguments) { arguments_ = std::move(arguments); }
  void Start();
  // As after a power cut: no chance to tidy up. Returns when it is gone.
  void Kill9();
  // SIGTERM, and the exit status that follows; the test has failed if it does not end in time.
  std::optional<int> Terminate(absl::Duration limit = absl::Seconds(20));

  bool running() const { return process_ != nullptr && process_->running(); }
  Process& process() { return *process_; }
  const std::string& name() const { return name_; }

  // All that was logged, by all its lives.
  std::string Log() const;
  // Waits until the text is in the log.
  bool WaitForLog(absl::string_view text, absl::Duration limit = absl::Seconds(20));

 private:
  const std::string name_;
  const std::string log_;
  std::vector<std::string> arguments_;
  std::unique_ptr<Process> process_;
};

// What a story holds against a service later: has it grown, does it leak?
struct Footprint {
  explicit Footprint(Service& service);
  int64_t memory_bytes;
  int open_files;
  int threads;
};

}  // namespace homeport::story

#endif  // HOMEPORT_TESTS_INTEGRATION_SERVICE_H_
