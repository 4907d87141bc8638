#include "coordinator/replicas/shared_records.h"

#include <algorithm>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace homeport {
namespace {

using Pg = PostgresqlConnection;

// They come and go with the program; columns that a later version adds have defaults.
constexpr char kTables[] =
    "SELECT pg_advisory_xact_lock(7201310246);"
    "CREATE UNLOGGED TABLE IF NOT EXISTS live_replicas ("
    " name TEXT PRIMARY KEY,"
    " seen TIMESTAMPTZ NOT NULL,"
    " pid INTEGER NOT NULL DEFAULT 0,"
    " facts BYTEA NOT NULL);"
    "CREATE UNLOGGED TABLE IF NOT EXISTS live_agents ("
    " workspace_id BIGINT PRIMARY KEY,"
    " epoch BIGINT NOT NULL,"
    " replica TEXT NOT NULL,"
    " hello BYTEA NOT NULL,"
    " written TIMESTAMPTZ NOT NULL DEFAULT now());"
    "CREATE INDEX IF NOT EXISTS live_agents_by_replica ON live_agents (replica);"
    "CREATE UNLOGGED TABLE IF NOT EXISTS live_sessions ("
    " id TEXT PRIMARY KEY,"
    " replica TEXT NOT NULL,"
    " proxy TEXT NOT NULL,"
    " workspace_id BIGINT NOT NULL,"
    " entry_key BYTEA NOT NULL,"
    " facts BYTEA NOT NULL,"
    " written TIMESTAMPTZ NOT NULL DEFAULT now());"
    "CREATE INDEX IF NOT EXISTS live_sessions_by_proxy ON live_sessions (proxy);"
    "CREATE UNLOGGED TABLE IF NOT EXISTS live_signatures ("
    " session_identifier BYTEA PRIMARY KEY,"
    " time TIMESTAMPTZ NOT NULL DEFAULT now());"
    "CREATE INDEX IF NOT EXISTS live_signatures_by_time ON live_signatures (time)";

std::string Seconds(absl::Duration duration) {
  return absl::StrCat(absl::ToInt64Seconds(duration), " seconds");
}

// Whether a row of live_replicas is of one that is there. The server notices at once when a process
// has died, for its connections end with it; when a whole machine is gone its silence tells.
std::string There() {
  return absl::StrCat("(seen > now() - interval '", Seconds(SharedRecords::kSilence),
                      "' AND pid IN (SELECT pid FROM pg_stat_activity))");
}

// Takes replicas out. From now on it counts how long their sessions wait for their proxies: what is
// said of an idle session may be old.
std::string ForgetReplicas(absl::string_view which) {
  return absl::StrCat("WITH gone AS (DELETE FROM live_replicas WHERE ", which,
                      " RETURNING name) UPDATE live_sessions SET written = now() WHERE replica IN "
                      "(SELECT name FROM gone)");
}

constexpr char kSessionColumns[] = "id, proxy, workspace_id, entry_key, facts";

int64_t Number(const std::string& column) {
  int64_t number = 0;
  (void)absl::SimpleAtoi(column, &number);
  return number;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SharedRecords>> SharedRecords::Open(std::string url,
                                                                   std::string replica) {
  auto records =
      std::unique_ptr<SharedRecords>(new SharedRecords(std::move(url), std::move(replica)));
  absl::MutexLock lock(&records->mutex_);
  if (absl::Status status = records->Connect(); !status.ok()) return status;
  return records;
}

absl::Status SharedRecords::Connect() {
  absl::StatusOr<std::unique_ptr<PostgresqlConnection>> opened = Pg::Open(url_);
  if (!opened.ok()) return opened.status();
  if (absl::Status status = (*opened)->Execute(kTables); !status.ok()) return status;
  connection_ = *std::move(opened);
  return absl::OkStatus();
}

absl::StatusOr<SharedRecords::Rows> SharedRecords::Query(
    const std::string& sql, const std::vector<std::string>& parameters) {
  absl::MutexLock lock(&mutex_);
  const bool fresh = connection_ == nullptr;
  if (fresh) {
    if (absl::Status status = Connect(); !status.ok()) return status;
  }
  absl::StatusOr<Rows> rows = connection_->Query(sql, parameters);
  if (!absl::IsUnavailable(rows.status())) return rows;
  connection_.reset();
  if (fresh || !Connect().ok()) return rows;
  // Every statement here may be done twice.
  return connection_->Query(sql, parameters);
}

absl::StatusOr<bool> SharedRecords::SayAlive(const v1::Replica& self) {
  const absl::StatusOr<Rows> rows = Query(
      "WITH known AS (SELECT name FROM live_replicas WHERE name = $1) "
      "INSERT INTO live_replicas (name, seen, pid, facts) "
      "VALUES ($1, now(), pg_backend_pid(), $2::bytea) ON CONFLICT (name) DO UPDATE "
      "SET seen = now(), pid = excluded.pid, facts = excluded.facts "
      "RETURNING (SELECT count(*) FROM known)",
      {replica_, Pg::Bytes(self.SerializeAsString())});
  if (!rows.ok()) return rows.status();
  return rows->at(0).at(0) != "0";
}

absl::StatusOr<std::vector<v1::Replica>> SharedRecords::Replicas() {
  const absl::StatusOr<Rows> rows =
      Query(absl::StrCat(
                "SELECT facts, floor(extract(epoch FROM seen))::bigint FROM live_replicas WHERE ",
                There(), " ORDER BY name"),
            {});
  if (!rows.ok()) return rows.status();
  std::vector<v1::Replica> replicas;
  for (const auto& row : *rows) {
    v1::Replica replica;
    if (!replica.ParseFromString(Pg::FromBytes(row[0]))) continue;
    replica.mutable_last_seen_time()->set_seconds(Number(row[1]));
    replica.mutable_last_seen_time()->set_nanos(0);
    replicas.push_back(std::move(replica));
  }
  return replicas;
}

absl::Status SharedRecords::SayGone() {
  return Query(ForgetReplicas("name = $1"), {replica_}).status();
}

absl::Status SharedRecords::RetireAgents() {
  return Query("UPDATE live_agents SET replica = '', written = now() WHERE replica = $1",
               {replica_})
      .status();
}

absl::Status SharedRecords::Tidy() {
  const absl::Status status =
      Query(ForgetReplicas("seen < now() - $1::interval"), {Seconds(kReturn)}).status();
  if (!status.ok()) return status;
  return Query(
             "DELETE FROM live_agents WHERE written < now() - $1::interval AND replica NOT IN "
             "(SELECT name FROM live_replicas)",
             {Seconds(kReturn)})
      .status();
}

absl::Status SharedRecords::PutAgents(const std::vector<SharedAgent>& agents,
                                      std::vector<int64_t>& overtaken,
                                      std::vector<int64_t>& moved) {
  std::vector<int64_t> ids, epochs;
  std::vector<std::string> hellos;
  for (const SharedAgent& agent : agents) {
    ids.push_back(agent.workspace_id);
    epochs.push_back(agent.epoch);
    hellos.push_back(Pg::Bytes(agent.hello.SerializeAsString()));
  }
  // Sorted, so that two replicas never wait for each other's rows.
  const absl::StatusOr<Rows> rows = Query(
      "WITH given AS (SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS "
      "  g (workspace_id, epoch, hello)), "
      "elsewhere AS (SELECT workspace_id FROM live_agents JOIN given USING (workspace_id) "
      "  WHERE live_agents.replica <> $4), "
      "put AS (INSERT INTO live_agents (workspace_id, epoch, replica, hello) "
      "  SELECT workspace_id, epoch, $4, hello::bytea FROM given ORDER BY workspace_id "
      "  ON CONFLICT (workspace_id) DO UPDATE SET epoch = excluded.epoch, "
      "  replica = excluded.replica, hello = excluded.hello, written = now() "
      "  WHERE live_agents.epoch <= excluded.epoch RETURNING workspace_id) "
      "SELECT given.workspace_id, put.workspace_id IS NULL, elsewhere.workspace_id IS NOT "
      "NULL FROM given LEFT JOIN put USING (workspace_id) LEFT JOIN elsewhere USING "
      "(workspace_id)",
      {Pg::Numbers(ids), Pg::Numbers(epochs), Pg::Texts(hellos), replica_});
  if (!rows.ok()) return rows.status();
  for (const auto& row : *rows) {
    if (row[1] == "t") {
      overtaken.push_back(Number(row[0]));
    } else if (row[2] == "t") {
      moved.push_back(Number(row[0]));
    }
  }
  return absl::OkStatus();
}

absl::Status SharedRecords::RemoveAgents(const std::vector<std::pair<int64_t, int64_t>>& agents) {
  std::vector<int64_t> ids, epochs;
  for (const auto& [id, epoch] : agents) {
    ids.push_back(id);
    epochs.push_back(epoch);
  }
  return Query(
             "DELETE FROM live_agents USING unnest($1::bigint[], $2::bigint[]) AS g (id, epoch) "
             "WHERE workspace_id = g.id AND live_agents.epoch = g.epoch AND replica = $3",
             {Pg::Numbers(ids), Pg::Numbers(epochs), replica_})
      .status();
}

absl::StatusOr<std::optional<SharedAgent>> SharedRecords::FindAgent(int64_t workspace_id) {
  const absl::StatusOr<Rows> rows =
      Query(absl::StrCat("SELECT epoch, replica, hello, coalesce((SELECT ", There(),
                         " FROM live_replicas WHERE name = replica), false) FROM live_agents WHERE "
                         "workspace_id = $1::bigint"),
            {absl::StrCat(workspace_id)});
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return std::nullopt;
  const Pg::Row& row = rows->front();
  SharedAgent agent;
  agent.workspace_id = workspace_id;
  agent.epoch = Number(row[0]);
  agent.replica = row[1];
  agent.reachable = row[3] == "t";
  if (!agent.hello.ParseFromString(Pg::FromBytes(row[2]))) {
    return absl::InternalError("an agent's entry cannot be read");
  }
  return agent;
}

absl::StatusOr<std::vector<int64_t>> SharedRecords::AgentsElsewhere() {
  const absl::StatusOr<Rows> rows = Query(
      absl::StrCat("SELECT workspace_id FROM live_agents JOIN live_replicas ON name = replica "
                   "WHERE replica <> $1 AND ",
                   There()),
      {replica_});
  if (!rows.ok()) return rows.status();
  std::vector<int64_t> ids;
  for (const auto& row : *rows) ids.push_back(Number(row[0]));
  return ids;
}

absl::Status SharedRecords::PutSessions(const std::vector<Session>& sessions) {
  std::vector<const Session*> sorted;
  for (const Session& session : sessions) sorted.push_back(&session);
  std::sort(sorted.begin(), sorted.end(),
            [](const Session* a, const Session* b) { return a->id < b->id; });
  std::vector<int64_t> workspaces;
  std::vector<std::string> ids, proxies, keys, facts;
  for (const Session* session : sorted) {
    ids.push_back(session->id);
    proxies.push_back(session->replica);
    workspaces.push_back(session->workspace_id);
    keys.push_back(Pg::Bytes(session->entry_key));
    facts.push_back(Pg::Bytes(ToProto(*session).SerializeAsString()));
  }
  return Query(
             "INSERT INTO live_sessions (id, replica, proxy, workspace_id, entry_key, facts) "
             "SELECT id, $6, proxy, workspace_id, entry_key::bytea, facts::bytea FROM "
             "unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[]) AS "
             "g (id, proxy, workspace_id, entry_key, facts) "
             "ON CONFLICT (id) DO UPDATE SET replica = excluded.replica, proxy = excluded.proxy, "
             "workspace_id = excluded.workspace_id, entry_key = excluded.entry_key, "
             "facts = excluded.facts, written = now()",
             {Pg::Texts(ids), Pg::Texts(proxies), Pg::Numbers(workspaces), Pg::Texts(keys),
              Pg::Texts(facts), replica_})
      .status();
}

absl::Status SharedRecords::RemoveSessions(const std::vector<std::string>& ids) {
  return Query("DELETE FROM live_sessions WHERE id = ANY ($1::text[]) AND replica = $2",
               {Pg::Texts(ids), replica_})
      .status();
}

absl::StatusOr<std::vector<Session>> SharedRecords::QuerySessions(
    const std::string& sql, const std::vector<std::string>& parameters) {
  const absl::StatusOr<Rows> rows = Query(sql, parameters);
  if (!rows.ok()) return rows.status();
  std::vector<Session> sessions;
  for (const auto& row : *rows) {
    v1::Session facts;
    if (!facts.ParseFromString(Pg::FromBytes(row[4]))) continue;
    Session session = FromProto(facts);
    session.id = row[0];
    session.replica = row[1];
    session.workspace_id = Number(row[2]);
    session.entry_key = Pg::FromBytes(row[3]);
    sessions.push_back(std::move(session));
  }
  return sessions;
}

absl::StatusOr<std::vector<Session>> SharedRecords::SessionsElsewhere() {
  return QuerySessions(
      absl::StrCat("SELECT ", kSessionColumns, " FROM live_sessions WHERE replica <> $1"),
      {replica_});
}

absl::StatusOr<std::map<int64_t, int>> SharedRecords::CountSessionsElsewhere() {
  const absl::StatusOr<Rows> rows =
      Query("SELECT workspace_id, count(*) FROM live_sessions WHERE replica <> $1 GROUP BY 1",
            {replica_});
  if (!rows.ok()) return rows.status();
  std::map<int64_t, int> counts;
  for (const auto& row : *rows) counts[Number(row[0])] = static_cast<int>(Number(row[1]));
  return counts;
}

absl::StatusOr<std::vector<Session>> SharedRecords::TakeSessionsOf(const std::string& proxy) {
  return QuerySessions(
      absl::StrCat("DELETE FROM live_sessions WHERE proxy = $1 AND replica <> $2 RETURNING ",
                   kSessionColumns),
      {proxy, replica_});
}

absl::StatusOr<std::vector<Session>> SharedRecords::TakeAbandonedSessions() {
  return QuerySessions(
      absl::StrCat("DELETE FROM live_sessions WHERE written < now() - $1::interval AND replica "
                   "NOT IN (SELECT name FROM live_replicas) RETURNING ",
                   kSessionColumns),
      {Seconds(kAbandoned)});
}

absl::Status SharedRecords::NoteSignature(absl::string_view session_identifier) {
  return Query(
             "WITH old AS (DELETE FROM live_signatures WHERE time < now() - interval '2 minutes') "
             "INSERT INTO live_signatures (session_identifier) VALUES ($1::bytea) "
             "ON CONFLICT (session_identifier) DO UPDATE SET time = now()",
             {Pg::Bytes(std::string(session_identifier))})
      .status();
}

absl::StatusOr<bool> SharedRecords::HasSignature(absl::string_view session_identifier) {
  const absl::StatusOr<Rows> rows =
      Query("SELECT 1 FROM live_signatures WHERE session_identifier = $1::bytea",
            {Pg::Bytes(std::string(session_identifier))});
  if (!rows.ok()) return rows.status();
  return !rows->empty();
}

}  // namespace homeport
