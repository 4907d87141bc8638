// The workspace's SSH servers: the embedded one, and an OpenSSH that may listen beside us. Decides
// which of them a tunnel leads to, and knows their host keys.
//
// OpenSSH is taken when it answers at its address, greets in time and would let the owner's key in;
// otherwise it is passed over, and the status says why. Each tunnel's own connection shows whether
// it is there and greets. Host keys and what it says of the owner's key are learnt when it first
// answers, when the owner's key changes, after a sign-in that may have failed, and, beside the
// tunnel that is being made, when the last look is older than a moment. While something was wrong
// at the last look, a tunnel waits for another. A change of what is known is reported before a
// route that depends on it is given.
//
// Which of the two a tunnel may lead to: what the agent was started with, if that is not kAuto (who
// makes the image knows what is in it); else what the workspace is pinned to; else OpenSSH if it
// can be taken.
//
// Threads: the loop's.
#ifndef HOMEPORT_AGENT_BACKENDS_H_
#define HOMEPORT_AGENT_BACKENDS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/openssh_connect.h"
#include "agent/openssh_look.h"
#include "base/event_loop.h"
#include "base/unique_fd.h"
#include "base/worker_pool.h"
#include "proto/homeport/v1/agent.pb.h"

namespace homeport::agent {

class Backends {
 public:
  enum class Choice { kAuto, kEmbedded, kOpenSsh };
  struct Options {
    Choice choice = Choice::kAuto;
    std::string openssh_address;
    std::string user;  // whom OpenSSH is asked about
    std::vector<std::string> embedded_host_keys;
    // Told one sentence when something went wrong that somebody should hear of.
    std::function<void(const std::string& sentence)> on_error;
    // With a listener of which nothing good is known, while the embedded server could be taken
    // instead; and with one that is known to be OpenSSH, or that must be taken. Its queue of
    // connections is short: when many come at once, the kernel tries again after 1 and 3 seconds.
    OpenSshConnect::Patience patience = {absl::Seconds(1), absl::Milliseconds(500)};
    OpenSshConnect::Patience long_patience = {absl::Seconds(10), absl::Seconds(10)};
  };
  struct Route {
    v1::BackendKind kind = v1::BACKEND_KIND_EMBEDDED;
    UniqueFd openssh;  // connected, if the kind is OpenSSH
  };
  // UNAVAILABLE has a sentence for the person who waits.
  using RouteCallback = std::function<void(absl::StatusOr<Route> route)>;
  using ChangeCallback = std::function<void(const v1::AgentStatus& status)>;

  // `loop` and `pool` outlive this object, which outlives their run.
  Backends(EventLoop& loop, WorkerPool& pool, Options options, ChangeCallback on_change);
  Backends(const Backends&) = delete;
  Backends& operator=(const Backends&) = delete;

  // Looks for OpenSSH once.
  void Start();
  // The key that proxies sign in with, a blob; empty while nobody knows.
  void SetOwnerKey(const std::string& public_key);
  // What the workspace is pinned to; unspecified for nothing.
  void SetPinned(v1::BackendKind kind);
  // Finds the server for a tunnel. `on_route` comes from the loop, perhaps within the call.
  void FindRoute(RouteCallback on_route);
  // Something may have changed: a sign-in may have failed, or authorized_keys was written.
  void LookAgain();

  v1::AgentStatus status() const;

 private:
  struct Waiting {
    std::shared_ptr<UniqueFd> socket;  // shared by copies of the function that carries it
    RouteCallback on_route;
  };

  Choice choice() const;
  OpenSshConnect::Patience patience() const;
  void OnGreeted(absl::StatusOr<UniqueFd> socket, const RouteCallback& on_route);
  void Look();
  void OnLooked(const absl::StatusOr<OpenSshLook::Facts>& facts);
  void OnLookFailed(const absl::Status& status);
  void AnswerWaiting();
  void LookLater();
  // `passed_over` is empty, or why OpenSSH cannot be used: "it …".
  void SetOpenSsh(const std::vector<std::string>& host_keys, const std::string& passed_over);
  void NoteChangedKeys(const std::vector<std::string>& host_keys);
  bool usable() const { return !host_keys_.empty() && passed_over_.empty(); }
  std::string WhyPassedOver() const;
  // What is chosen without OpenSSH.
  absl::StatusOr<Route> RouteWithoutOpenSsh() const;

  EventLoop& loop_;
  WorkerPool& pool_;
  const Options options_;
  const ChangeCallback on_change_;
  v1::BackendKind pinned_ = v1::BACKEND_KIND_UNSPECIFIED;
  std::string owner_key_;
  std::vector<std::string> host_keys_;  // of OpenSSH; empty while it is not there
  std::string passed_over_;             // why it cannot be used though something listens
  std::map<std::string, std::string> last_host_keys_;  // by type: those last seen
  bool doubtful_ = false;  // the last look failed: the next route waits for another
  absl::Time last_look_ = absl::InfinitePast();
  absl::Time last_full_look_ = absl::InfinitePast();
  bool looking_ = false;
  bool look_again_ = false;  // this look asks about a key that is none any more
  EventLoop::TimerId later_ = 0;
  size_t later_count_ = 0;
  std::unique_ptr<OpenSshLook> look_;
  uint64_t next_connect_ = 1;
  std::map<uint64_t, std::unique_ptr<OpenSshConnect>> connects_;
  std::vector<Waiting> waiting_;
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_BACKENDS_H_
