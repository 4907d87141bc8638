// One look at the workspace's OpenSSH: does it greet, which host keys has it, would it let the
// owner in?
//
// A server shows one host key in a connection, of the first type that both sides know. So the look
// takes a connection for each type, unless the first shows a key that is known: then the others are
// taken to be what they were.
//
// Threads: the loop's.
#ifndef HOMEPORT_AGENT_OPENSSH_LOOK_H_
#define HOMEPORT_AGENT_OPENSSH_LOOK_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/host_key_scan.h"
#include "agent/openssh_connect.h"
#include "base/event_loop.h"
#include "base/worker_pool.h"

namespace homeport::agent {

class OpenSshLook {
 public:
  struct Options {
    std::string address;
    OpenSshConnect::Patience patience;
    std::string user;
    std::string owner_key;                     // a blob; empty: not asked about
    std::vector<std::string> known_host_keys;  // blobs; empty: all are learnt
  };
  struct Facts {
    std::vector<std::string> host_keys;  // blobs; the first is the one that is shown to us first
    bool owner_key_refused = false;
  };
  // UNAVAILABLE if nobody listens, else what listens cannot be used: "it …". Called once, from the
  // loop; may destroy the look.
  using DoneCallback = std::function<void(absl::StatusOr<Facts> facts)>;

  // Begins. `loop` and `pool` outlive the look, which lives until it has called.
  OpenSshLook(EventLoop& loop, WorkerPool& pool, Options options, DoneCallback on_done);
  OpenSshLook(const OpenSshLook&) = delete;
  OpenSshLook& operator=(const OpenSshLook&) = delete;

 private:
  void Connect();
  void OnGreeted(absl::StatusOr<UniqueFd> socket);
  void OnScanned(const absl::StatusOr<HostKeyScan::Answer>& answer);
  // Takes the types out of the question that the key is of.
  void ForgetTypesOf(const std::string& host_key);
  void Finish(absl::StatusOr<Facts> facts);

  EventLoop& loop_;
  WorkerPool& pool_;
  const Options options_;
  const DoneCallback on_done_;
  std::vector<std::string> types_;  // that have not been asked for
  Facts facts_;
  std::unique_ptr<OpenSshConnect> connect_;
  std::unique_ptr<HostKeyScan> scan_;
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_OPENSSH_LOOK_H_
