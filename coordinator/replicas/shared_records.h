// Who is connected where, as all replicas of the coordinator know it: in tables of PostgreSQL's
// that are not logged. Nothing here outlives a crash of the database; each replica writes down anew
// what it has when it finds nothing of its own (SayAlive).
//
//   live_replicas    the coordinators, each with the time when it last said that it is there
//   live_agents      the agent of each workspace: at which replica, by which stream
//   live_sessions    the sessions, each at the replica that its proxy is connected to
//   live_signatures  which sessions key sockets have lately signed a sign-in for
//
// A replica whose connection has ended, or that has said nothing for kSilence, counts as gone:
// nobody sends it anything. What it had stays for a while, because agents and proxies are on their
// way to another.
//
// Errors: UNAVAILABLE while the database cannot be reached; it works again when it can be.
//
// Threads: any; one statement at a time. Every method blocks.
#ifndef HOMEPORT_COORDINATOR_REPLICAS_SHARED_RECORDS_H_
#define HOMEPORT_COORDINATOR_REPLICAS_SHARED_RECORDS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "coordinator/replicas/postgresql_connection.h"
#include "coordinator/session.h"
#include "proto/homeport/v1/agent.pb.h"
#include "proto/homeport/v1/replica.pb.h"

namespace homeport {

// An agent's stream.
struct SharedAgent {
  int64_t workspace_id = 0;
  int64_t epoch = 0;
  std::string replica;
  v1::AgentHello hello;
  bool reachable = false;  // whether the replica is there
};

class SharedRecords {
 public:
  static constexpr absl::Duration kSilence = absl::Seconds(8);
  // How long the agents of a replica that is gone are expected at another.
  static constexpr absl::Duration kReturn = absl::Seconds(20);
  // How long the sessions of a proxy that nobody has heard of since are kept.
  static constexpr absl::Duration kAbandoned = absl::Minutes(10);

  // `url` as PostgresqlConnection::Open; `replica` is this one's name.
  static absl::StatusOr<std::unique_ptr<SharedRecords>> Open(std::string url, std::string replica);

  // Says that this replica is there. False if the database did not know it, nor its agents and
  // sessions.
  absl::StatusOr<bool> SayAlive(const v1::Replica& self);
  // All that are there, by name.
  absl::StatusOr<std::vector<v1::Replica>> Replicas();
  // Says that it is not there any more. Its sessions stay: their proxies take them to another.
  absl::Status SayGone();
  // Says that this replica's agents are on their way to another.
  absl::Status RetireAgents();
  // Forgets agents that did not come back from replicas that are gone.
  absl::Status Tidy();

  // Writes down agents of this replica. `overtaken` gets those of which another replica has a newer
  // stream, `moved` those of which another had an older one.
  absl::Status PutAgents(const std::vector<SharedAgent>& agents, std::vector<int64_t>& overtaken,
                         std::vector<int64_t>& moved);
  // Takes out streams of this replica, by workspace and epoch.
  absl::Status RemoveAgents(const std::vector<std::pair<int64_t, int64_t>>& agents);
  absl::StatusOr<std::optional<SharedAgent>> FindAgent(int64_t workspace_id);
  // Workspaces whose agents are at other replicas that are there.
  absl::StatusOr<std::vector<int64_t>> AgentsElsewhere();

  absl::Status PutSessions(const std::vector<Session>& sessions);
  // Takes out sessions of this replica.
  absl::Status RemoveSessions(const std::vector<std::string>& ids);
  absl::StatusOr<std::vector<Session>> SessionsElsewhere();
  absl::StatusOr<std::map<int64_t, int>> CountSessionsElsewhere();
  // A proxy has come to this replica: takes out what others have of it, and returns it.
  absl::StatusOr<std::vector<Session>> TakeSessionsOf(const std::string& proxy);
  // Takes out the sessions of replicas that have been gone for kAbandoned, and returns them: to one
  // replica alone.
  absl::StatusOr<std::vector<Session>> TakeAbandonedSessions();

  absl::Status NoteSignature(absl::string_view session_identifier);
  absl::StatusOr<bool> HasSignature(absl::string_view session_identifier);

 private:
  using Rows = PostgresqlConnection::Rows;

  SharedRecords(std::string url, std::string replica)
      : url_(std::move(url)), replica_(std::move(replica)) {}

  // Connects first if need be; once more if the connection turns out to be gone.
  absl::StatusOr<Rows> Query(const std::string& sql, const std::vector<std::string>& parameters);
  absl::Status Connect() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<std::vector<Session>> QuerySessions(const std::string& sql,
                                                     const std::vector<std::string>& parameters);

  const std::string url_;
  const std::string replica_;
  absl::Mutex mutex_;
  std::unique_ptr<PostgresqlConnection> connection_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_REPLICAS_SHARED_RECORDS_H_
