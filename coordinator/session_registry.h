// The sessions that are being opened or live, on all proxies.
//
// A session is opening until the agent says that its tunnel stands, or its time is over, and live
// from then on, until its proxy says that it ended. What lives here is lost with the process;
// proxies say after a restart which sessions they still have (Adopt), and what they know of them.
//
// Threads: any; a mutex guards it all. Observers are told under it, so that events come in their
// order: they may only queue.
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
#include "coordinator/session.h"

namespace homeport {

struct SessionCounts {
  int opening = 0;
  int live = 0;
};

// Which sessions: those for which everything that is set is true.
struct SessionFilter {
  std::string id;
  std::string user;       // name
  std::string workspace;  // resource name
  std::string provider;   // name

  bool Matches(const Session& session) const;
};

// INVALID_ARGUMENT names the field and its rule.
absl::StatusOr<SessionFilter> ReadSessionFilter(const v1::SessionFilter& filter);
// And back.
v1::SessionFilter ToProto(const SessionFilter& filter);

class SessionRegistry {
 public:
  class Observer {
   public:
    virtual ~Observer() = default;
    virtual void OnSessionStarted(const Session& session) = 0;
    // For its traffic at most once a second.
    virtual void OnSessionUpdated(const Session& session) = 0;
    virtual void OnSessionEnded(const Session& session, const std::string& reason) = 0;
    // All that were there when it was added have been told, as started.
    virtual void OnCaughtUp() = 0;
  };

  // How long the sessions of a replica that went away are kept for its return.
  static constexpr absl::Duration kReplicaGrace = absl::Minutes(10);
  static constexpr int kMostSignatures = 4;

  explicit SessionRegistry(int most_opening_per_user)
      : most_opening_per_user_(most_opening_per_user) {}

  // RESOURCE_EXHAUSTED if the user has too many sessions being opened.
  absl::Status Add(Session session, absl::Time now);
  // The sessions that a replica says it has: those that are not known here are taken over. None of
  // them counts as decided about, for nobody could tell the replica what has changed. Counts as the
  // replica's return. The answer is those that it has no more: they ended while nobody could say
  // so.
  std::vector<Session> Adopt(const std::string& replica,
                             const google::protobuf::RepeatedPtrField<v1::LiveSession>& sessions,
                             absl::Time now);
  // Says whose an adopted session is, and by which key: the fields of the first block of `facts`.
  // Does nothing for one that is known already, or gone.
  void Identify(const std::string& id, const Session& facts);
  void ReplicaGone(const std::string& replica, absl::Time now);
  // The proxy has come to another coordinator, with its sessions: they are forgotten here, and
  // observers are told that they ended with the reason kMoved.
  static constexpr char kMoved[] = "moved";
  void Disown(const std::string& replica);
  // Whether this proxy is connected here.
  bool Has(const std::string& replica) const;

  // A session that may have something signed. NOT_FOUND if it is not there, not opened here, or
  // its time is over; RESOURCE_EXHAUSTED when it has had its signatures.
  absl::StatusOr<Session> FindForSigning(const std::string& id, absl::Time now) const;
  // As FindForSigning, and counts one signature.
  absl::Status CountSignature(const std::string& id, absl::Time now);

  // The agent of this workspace says that the tunnel stands. False if it has no such session.
  bool TunnelStands(const std::string& id, int64_t workspace_id, v1::BackendKind backend);
  // The audit has its start.
  void NoteStartRecorded(const std::string& id);
  // What the session of this replica has carried so far.
  void NoteTraffic(const std::string& id, const std::string& replica,
                   const v1::SessionTraffic& traffic, absl::Time now);

  // Draws a number that is higher than all before, for NotePolicy.
  int64_t NextTicket();
  // The session's proxy is about to be told this, which was read after `ticket` was drawn. False if
  // it has been told the same or something newer, or if there is no such session. Adopted sessions
  // count as decided about from then on.
  bool NotePolicy(const std::string& id, int64_t ticket, const v1::SessionPolicy& policy);
  // The session's proxy is about to be told to end it.
  void NoteEnding(const std::string& id, const std::string& sentence);

  // Takes out a session of this workspace that is still opening; `reason` is for observers, here
  // and below.
  std::optional<Session> TakeFailed(const std::string& id, int64_t workspace_id,
                                    const std::string& reason);
  // Takes out all that are still opening and wait for this stream of the agent.
  std::vector<Session> TakeWaitingFor(int64_t workspace_id, int64_t agent_epoch,
                                      const std::string& reason);
  // Takes out the session of this replica, with what it has carried.
  std::optional<Session> TakeEnded(const std::string& id, const std::string& replica,
                                   const v1::SessionTraffic& traffic, const std::string& reason);
  // Takes out sessions whose tunnel never came, and those of replicas that are gone for good.
  std::vector<Session> Sweep(absl::Time now);

  SessionCounts Count() const;
  // Sessions by their provider's name, and by their workspace's number.
  std::map<std::string, int> CountByProvider() const;
  std::map<int64_t, int> CountByWorkspace() const;
  std::optional<Session> Find(const std::string& id) const;
  // Copies of those for which `predicate(const Session&)` is true, the oldest first.
  template <typename Predicate>
  std::vector<Session> Select(Predicate predicate) const {
    std::vector<Session> selected;
    {
      absl::MutexLock lock(&mutex_);
      for (const auto& [id, session] : sessions_) {
        if (predicate(session)) selected.push_back(session);
      }
    }
    SortByAge(selected);
    return selected;
  }
  std::vector<Session> List(const SessionFilter& filter) const {
    return Select([&filter](const Session& session) { return filter.Matches(session); });
  }

  static void SortByAge(std::vector<Session>& sessions);

  // `observer` is told what is there, and then what happens, until it is removed. One that is not
  // there may be removed.
  void AddObserver(Observer& observer);
  void RemoveObserver(Observer& observer);

 private:
  template <typename Predicate>
  std::vector<Session> TakeIfLocked(Predicate predicate, const std::string& reason)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The session must be there.
  Session TakeLocked(const std::string& id, const std::string& reason)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Session* FindLocked(const std::string& id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TellUpdatedLocked(const Session& session) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const int most_opening_per_user_;
  mutable absl::Mutex mutex_;
  int64_t last_ticket_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, Session> sessions_ ABSL_GUARDED_BY(mutex_);  // by id
  std::set<Observer*> observers_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, absl::Time> told_ ABSL_GUARDED_BY(mutex_);  // of whose traffic, and when
  std::set<std::string> replicas_ ABSL_GUARDED_BY(mutex_);          // connected
  std::map<std::string, absl::Time> gone_ ABSL_GUARDED_BY(mutex_);  // since when
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_SESSION_REGISTRY_H_
