// The other replicas of the coordinator, and what they share with this one: which agents and
// sessions are where, and messages. Alone, with SQLite, there are no others and nothing to share.
//
// What this replica has is written down for the others by a thread of its own: agents and the
// beginnings and ends of sessions at once, what sessions carry every few seconds. So another may
// believe for some milliseconds that an agent is not here yet.
//
// A replica that cannot reach the database, or not hear the others, is isolated after kIsolation:
// it would not hear of changes. Its listener then sends agents and proxies to another replica. When
// it hears the others again, and when one of them has gone without a word, OnMissed follows:
// changes may have been committed that nobody has told of.
//
// Threads: any. Methods that ask the database block, and say so.
#ifndef HOMEPORT_COORDINATOR_REPLICAS_REPLICAS_H_
#define HOMEPORT_COORDINATOR_REPLICAS_REPLICAS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "coordinator/agent_registry.h"
#include "coordinator/proxy_registry.h"
#include "coordinator/replicas/replica_bus.h"
#include "coordinator/replicas/shared_records.h"
#include "coordinator/session_registry.h"
#include "proto/homeport/v1/replica.pb.h"
#include "proto/homeport/v1/replica_message.pb.h"

namespace homeport {

class Replicas : private SessionRegistry::Observer {
 public:
  static constexpr absl::Duration kIsolation = absl::Seconds(10);

  // Whoever acts on what the others say. Called on threads of this object: must not block.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void OnMessage(v1::ReplicaMessage message) = 0;
    virtual void OnMissed() = 0;
    virtual void OnIsolated(bool isolated) = 0;
    // Sessions of proxies that did not come back: nobody else tells of them.
    virtual void OnSessionsLost(std::vector<Session> sessions) = 0;
  };
  // What there is here. All outlive this object.
  struct Parts {
    AgentRegistry& agents;
    ProxyRegistry& proxies;
    SessionRegistry& sessions;
  };

  // `name` is this replica's.
  Replicas(std::string name, const Parts& parts);
  ~Replicas() override { Stop(); }

  // Joins the others, by the database at `url`; without a call of this the replica is alone. When
  // it returns the others wait for this one when they make changes, or have not answered for
  // kArrival.
  static constexpr absl::Duration kArrival = absl::Seconds(3);
  absl::Status Join(const std::string& url, Listener& listener);
  // Agents and proxies are about to be sent to other replicas, where they are expected from now on.
  void Retire();
  // Takes leave of the others: no change is made here any more.
  void Stop();

  const std::string& name() const { return name_; }
  bool joined() const { return records_ != nullptr; }
  // The names of the others that are there, as of a moment ago.
  std::vector<std::string> Others() const;
  // All that are there; alone, this one. Blocks.
  absl::StatusOr<std::vector<v1::Replica>> List();

  // `to` as ReplicaBus::Send. Does nothing alone.
  void Send(const std::string& to, v1::ReplicaMessage message);

  // This replica's agent has connected, has another status, or is gone: looks at the registry.
  void NoteAgent(int64_t workspace_id, int64_t epoch);
  // The workspace's agent, here or at another replica. Blocks.
  absl::StatusOr<std::optional<SharedAgent>> FindAgent(int64_t workspace_id);
  // The workspaces whose agents are connected, here or elsewhere. Blocks.
  absl::StatusOr<std::set<int64_t>> OnlineWorkspaces();

  // A proxy has come here. Those of its sessions that others knew, for whoever has to record their
  // ends. Blocks.
  absl::StatusOr<std::vector<Session>> TakeSessionsOf(const std::string& proxy);
  // Sessions here and elsewhere, the oldest first. Blocks.
  absl::StatusOr<std::vector<Session>> ListSessions(const SessionFilter& filter);
  // As SessionRegistry's, of sessions elsewhere, and a second late: what is there, but not that
  // that was all. Blocks. What ends there ends without a reason.
  absl::Status AddObserver(SessionRegistry::Observer& observer);
  void RemoveObserver(SessionRegistry::Observer& observer);
  // Sessions by workspace, here and elsewhere. Blocks.
  absl::StatusOr<std::map<int64_t, int>> CountSessions();

  // What key sockets have signed (key_socket_memory.h), for all replicas. Blocks. Alone: OK, and
  // false.
  absl::Status NoteSignature(absl::string_view session_identifier);
  absl::StatusOr<bool> HasSignature(absl::string_view session_identifier);

 private:
  // What the keeper has to write down.
  struct Changes {
    std::map<int64_t, int64_t> agents;                       // workspaces, with the epoch
    std::map<std::string, std::optional<Session>> sessions;  // by id; without one: it is over
  };

  void OnSessionStarted(const Session& session) override { NoteSession(session, true); }
  void OnSessionUpdated(const Session& session) override;
  void OnSessionEnded(const Session& session, const std::string& reason) override;
  void OnCaughtUp() override {}
  void NoteSession(const Session& session, bool now);

  v1::Replica Self() const;
  void Hear(v1::ReplicaMessage message);
  // Says that this replica is there, and waits until the others have heard it.
  void Arrive();
  void Keep();
  // Until there is something to write down, or the time has come. False: the end.
  bool WaitForChanges(absl::Time until, Changes& changes);
  void WriteDown(Changes changes);
  absl::Status WriteAgents(const std::map<int64_t, int64_t>& noted);
  absl::Status WriteSessions(const std::map<std::string, std::optional<Session>>& noted);
  void SayAlive();
  void NoteEverything();
  void LookAtOthers(const std::vector<v1::Replica>& replicas);
  void CheckIsolation();
  // Tells observers what has changed elsewhere.
  void LookAtSessions();

  const std::string name_;
  const absl::Time started_;
  const Parts parts_;
  Listener* listener_ = nullptr;  // as records_ and bus_: written by Join, before all else
  std::unique_ptr<SharedRecords> records_;
  std::unique_ptr<ReplicaBus> bus_;
  absl::Notification ready_;  // bus_ is there, for what it hears
  mutable absl::Mutex mutex_;
  Changes changes_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Session> later_ ABSL_GUARDED_BY(mutex_);  // sessions that have only carried
  bool urgent_ ABSL_GUARDED_BY(mutex_) = false;
  bool retired_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::set<std::string> others_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> welcomed_by_ ABSL_GUARDED_BY(mutex_);
  absl::Mutex observers_mutex_;
  std::set<SessionRegistry::Observer*> observers_ ABSL_GUARDED_BY(observers_mutex_);
  std::map<std::string, Session> elsewhere_ ABSL_GUARDED_BY(observers_mutex_);  // as they know it
  absl::Time alive_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();  // when it last said so
  absl::Time heard_ ABSL_GUARDED_BY(mutex_) = absl::Now();           // when all was well
  bool isolated_ = false;                                            // the keeper's
  std::thread keeper_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_REPLICAS_REPLICAS_H_
