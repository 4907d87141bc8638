// The sessions that are being opened or live, on all proxies.
//
// A session is opening until the agent says that its tunnel stands, or its time is over, and live
// from then on, until its proxy says that it ended. What lives here is lost with the process;
// proxies say after a restart which sessions they still have (Adopt), and of those no more is known
// than that.
//
// Threads: any; a mutex guards it all.
#ifndef HOMEPORT_COORDINATOR_SESSION_REGISTRY_H_
#define HOMEPORT_COORDINATOR_SESSION_REGISTRY_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "coordinator/store/records.h"

namespace homeport {

struct Session {
  std::string id;
  std::string replica;  // the proxy that has it
  int64_t user_id = 0;  // 0, as all below: adopted, not known
  std::string user;     // the user's name
  int64_t workspace_id = 0;
  std::string workspace;    // resource name
  int64_t agent_epoch = 0;  // the agent's stream that was told to dial
  std::string os_user;
  std::string public_key;  // blob
  std::string client_address;
  BackendPin pin = BackendPin::kAuto;  // the only backend that it may get
  absl::Time expire_time;              // no signatures after this, and no tunnel either
  bool live = false;
  int signatures = 0;
};

struct SessionCounts {
  int opening = 0;
  int live = 0;
};

class SessionRegistry {
 public:
  // How long the sessions of a replica that went away are kept for its return.
  static constexpr absl::Duration kReplicaGrace = absl::Minutes(10);
  static constexpr int kMostSignatures = 4;

  explicit SessionRegistry(int most_opening_per_user)
      : most_opening_per_user_(most_opening_per_user) {}

  // RESOURCE_EXHAUSTED if the user has too many sessions being opened.
  absl::Status Add(Session session, absl::Time now);
  // The sessions that a replica says it has: those that are not known here are taken over. Counts
  // as the replica's return.
  void Adopt(const std::string& replica, const std::vector<std::string>& ids, absl::Time now);
  // Says whose an adopted session is. Does nothing for one that is known already, or gone.
  void Identify(const std::string& id, const std::string& user, const std::string& workspace,
                int64_t workspace_id);
  void ReplicaGone(const std::string& replica, absl::Time now);

  // A session that may have something signed. NOT_FOUND if it is not there, not opened here, or
  // its time is over; RESOURCE_EXHAUSTED when it has had its signatures.
  absl::StatusOr<Session> FindForSigning(const std::string& id, absl::Time now) const;
  // As FindForSigning, and counts one signature.
  absl::Status CountSignature(const std::string& id, absl::Time now);

  // The agent of this workspace says that the tunnel stands. False if it has no such session.
  bool TunnelStands(const std::string& id, int64_t workspace_id);
  // Takes out a session of this workspace that is still opening.
  std::optional<Session> TakeFailed(const std::string& id, int64_t workspace_id);
  // Takes out all that are still opening and wait for this stream of the agent.
  std::vector<Session> TakeWaitingFor(int64_t workspace_id, int64_t agent_epoch);
  // Takes out all of this workspace.
  std::vector<Session> TakeWorkspace(int64_t workspace_id);
  // Takes out the session of this replica.
  std::optional<Session> TakeEnded(const std::string& id, const std::string& replica);
  // Drops sessions whose tunnel never came, and those of replicas that are gone for good. The
  // answer is how many.
  int Sweep(absl::Time now);

  SessionCounts Count() const;

 private:
  template <typename Predicate>
  std::vector<Session> TakeIfLocked(Predicate predicate) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const int most_opening_per_user_;
  mutable absl::Mutex mutex_;
  std::map<std::string, Session> sessions_ ABSL_GUARDED_BY(mutex_);  // by id
  std::set<std::string> replicas_ ABSL_GUARDED_BY(mutex_);           // connected
  std::map<std::string, absl::Time> gone_ ABSL_GUARDED_BY(mutex_);   // since when
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_SESSION_REGISTRY_H_
