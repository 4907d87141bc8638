// One person who does one thing over ssh: a verb that runs, is looked after in turns, and may be
// killed in the middle.
//
// Threads: the test's main thread.
#ifndef HOMEPORT_TESTS_CHAOS_CLIENT_H_
#define HOMEPORT_TESTS_CHAOS_CLIENT_H_

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/chaos/verbs.h"
#include "tests/integration/conversation.h"
#include "tests/integration/world.h"

namespace homeport::story {

class Client {
 public:
  // How a client that is not to finish goes: at once with all its programs, or by being asked to.
  enum class Death { kKilled, kTerminated };
  struct Plan {
    Verb verb;
    std::string workspace;
    int64_t size_bytes = 0;
    int pause_seconds = 0;
    // When, after its start, it goes; nothing for one that is to succeed.
    std::optional<absl::Duration> dies_after;
    Death death = Death::kKilled;
  };
  enum class State { kRunning, kSucceeded, kDied, kFailed };

  // Uses `folder`, which it makes and removes.
  Client(World& world, Plan plan, std::string folder, std::string data_file);
  ~Client();

  // Moves what can be moved, without waiting.
  State Tick();

  const Plan& plan() const { return plan_; }
  // The process group's leader.
  pid_t pid() const { return conversation_->process().pid(); }
  // What a failure was.
  const std::string& failure() const { return failure_; }

 private:
  Process::Command ScriptCommand(World& world, const std::string& data_file) const;
  void StartTerminal(World& world);
  void TalkToTerminal();
  void KillGroup(int signal) const;
  State Ended(int status);

  const Plan plan_;
  const std::string folder_;
  const absl::Time started_ = absl::Now();
  std::unique_ptr<Conversation> conversation_;
  bool dying_ = false;
  std::string failure_;
  // The terminal's conversation.
  int resizes_left_ = 5;
  std::string wanted_;  // what the next answer must hold
  absl::Time asked_;
};

}  // namespace homeport::story

#endif  // HOMEPORT_TESTS_CHAOS_CLIENT_H_
