// Tickets that have been given out and wait for their tunnel. Each is good once, until it expires.
//
// Threads: any.
#ifndef HOMEPORT_SSHPROXY_PENDING_TUNNELS_H_
#define HOMEPORT_SSHPROXY_PENDING_TUNNELS_H_

#include <functional>
#include <string>
#include <unordered_map>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/unique_fd.h"

namespace homeport {

class PendingTunnels {
 public:
  // Is given the tunnel's socket and its backend (BackendKind). Called on the thread that claims.
  using Receiver = std::function<void(UniqueFd socket, int backend)>;

  // Makes a ticket of 32 random bytes for `receiver`; it is good until `deadline`.
  std::string Expect(absl::Time deadline, Receiver receiver);
  // The session needs no tunnel any more. Does nothing for a ticket that is not known.
  void Forget(const std::string& ticket);
  // Hands a tunnel to whoever expects the ticket. False, with the socket untouched, if nobody does:
  // unknown, used or expired.
  bool Claim(const std::string& ticket, UniqueFd& socket, int backend, absl::Time now);

  size_t size() const;

 private:
  struct Expected {
    absl::Time deadline;
    Receiver receiver;
  };

  mutable absl::Mutex mutex_;
  // By the ticket's hash bucket: how long a look-up takes says nothing useful about 256 random
  // bits.
  std::unordered_map<std::string, Expected> expected_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace homeport

#endif  // HOMEPORT_SSHPROXY_PENDING_TUNNELS_H_
