#include "coordinator/replicas/replicas.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "base/logging.h"
#include "base/version.h"
#include "coordinator/timestamps.h"

namespace homeport {
namespace {

constexpr absl::Duration kBeat = absl::Seconds(1);
// How late others see what sessions have carried.
constexpr absl::Duration kTraffic = absl::Seconds(5);
constexpr absl::Duration kTidyInterval = absl::Seconds(30);
constexpr size_t kMostInStatement = 1000;

template <typename Value>
std::vector<std::vector<Value>> InPieces(std::vector<Value> values) {
  std::vector<std::vector<Value>> pieces;
  for (Value& value : values) {
    if (pieces.empty() || pieces.back().size() == kMostInStatement) pieces.emplace_back();
    pieces.back().push_back(std::move(value));
  }
  return pieces;
}

}  // namespace

Replicas::Replicas(std::string name, const Parts& parts)
    : name_(std::move(name)), started_(absl::Now()), parts_(parts) {}

absl::Status Replicas::Join(const std::string& url, Listener& listener) {
  listener_ = &listener;
  absl::StatusOr<std::unique_ptr<SharedRecords>> records = SharedRecords::Open(url, name_);
  if (!records.ok()) return records.status();
  records_ = *std::move(records);
  ReplicaBus::Callbacks callbacks;
  callbacks.on_message = [this](v1::ReplicaMessage message) { Hear(std::move(message)); };
  callbacks.on_connected = [this] { listener_->OnMissed(); };
  callbacks.on_disconnected = [] {};
  absl::StatusOr<std::unique_ptr<ReplicaBus>> bus =
      ReplicaBus::Start(url, name_, std::move(callbacks));
  if (!bus.ok()) return bus.status();
  bus_ = *std::move(bus);
  ready_.Notify();
  parts_.sessions.AddObserver(*this);
  Arrive();
  keeper_ = std::thread([this] { Keep(); });
  return absl::OkStatus();
}

void Replicas::Hear(v1::ReplicaMessage message) {
  ready_.WaitForNotification();
  if (message.has_arriving()) {
    v1::ReplicaMessage answer;
    answer.mutable_welcomed();
    {
      absl::MutexLock lock(&mutex_);
      others_.insert(message.from());
    }
    Send(message.from(), std::move(answer));
  } else if (message.has_welcomed()) {
    absl::MutexLock lock(&mutex_);
    welcomed_by_.insert(message.from());
  } else if (message.has_leaving()) {
    absl::MutexLock lock(&mutex_);
    others_.erase(message.from());
  } else {
    listener_->OnMessage(std::move(message));
  }
}

void Replicas::Arrive() {
  SayAlive();
  v1::ReplicaMessage arriving;
  arriving.mutable_arriving();
  Send("", std::move(arriving));
  absl::MutexLock lock(&mutex_);
  const auto welcome = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return std::includes(welcomed_by_.begin(), welcomed_by_.end(), others_.begin(), others_.end());
  };
  mutex_.AwaitWithTimeout(absl::Condition(&welcome), kArrival);
}

void Replicas::Retire() {
  {
    absl::MutexLock lock(&mutex_);
    retired_ = true;
    changes_.agents.clear();
  }
  if (!joined()) return;
  // Else they count as offline until they are back.
  (void)records_->RetireAgents();
}

void Replicas::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    if (std::exchange(stopping_, true)) return;
  }
  if (!joined()) return;
  parts_.sessions.RemoveObserver(*this);
  keeper_.join();
  v1::ReplicaMessage leaving;
  leaving.mutable_leaving();
  Send("", std::move(leaving));
  bus_->Stop();
  if (absl::Status status = records_->SayGone(); !status.ok()) {
    Logger("replicas")
        ->warn("leaving the others without a word: {}", std::string(status.message()));
  }
}

std::vector<std::string> Replicas::Others() const {
  absl::MutexLock lock(&mutex_);
  return {others_.begin(), others_.end()};
}

v1::Replica Replicas::Self() const {
  v1::Replica self;
  self.set_name(absl::StrCat("replicas/", name_));
  self.set_version(kVersion);
  *self.mutable_start_time() = ToTimestamp(started_);
  *self.mutable_last_seen_time() = ToTimestamp(absl::Now());
  self.set_agents(parts_.agents.size());
  const SessionCounts sessions = parts_.sessions.Count();
  self.set_sessions(sessions.live + sessions.opening);
  for (const std::string& proxy : parts_.proxies.Names()) {
    self.add_proxies(absl::StrCat("proxies/", proxy));
  }
  return self;
}

absl::StatusOr<std::vector<v1::Replica>> Replicas::List() {
  if (!joined()) return std::vector<v1::Replica>{Self()};
  return records_->Replicas();
}

void Replicas::Send(const std::string& to, v1::ReplicaMessage message) {
  if (bus_ != nullptr) bus_->Send(to, std::move(message));
}

void Replicas::NoteAgent(int64_t workspace_id, int64_t epoch) {
  if (!joined()) return;
  absl::MutexLock lock(&mutex_);
  if (retired_) return;
  int64_t& noted = changes_.agents[workspace_id];
  noted = std::max(noted, epoch);
  urgent_ = true;
}

absl::StatusOr<std::optional<SharedAgent>> Replicas::FindAgent(int64_t workspace_id) {
  if (std::optional<ConnectedAgent> agent = parts_.agents.Find(workspace_id)) {
    return SharedAgent{workspace_id, agent->epoch, name_, std::move(agent->hello), true};
  }
  if (!joined()) return std::nullopt;
  absl::StatusOr<std::optional<SharedAgent>> agent = records_->FindAgent(workspace_id);
  // It was here a moment ago.
  if (agent.ok() && agent->has_value() && (*agent)->replica == name_) return std::nullopt;
  return agent;
}

absl::StatusOr<std::set<int64_t>> Replicas::OnlineWorkspaces() {
  const std::vector<int64_t> here = parts_.agents.Workspaces();
  std::set<int64_t> online(here.begin(), here.end());
  if (!joined()) return online;
  const absl::StatusOr<std::vector<int64_t>> elsewhere = records_->AgentsElsewhere();
  if (!elsewhere.ok()) return elsewhere.status();
  online.insert(elsewhere->begin(), elsewhere->end());
  return online;
}

absl::StatusOr<std::vector<Session>> Replicas::TakeSessionsOf(const std::string& proxy) {
  if (!joined()) return std::vector<Session>();
  return records_->TakeSessionsOf(proxy);
}

absl::StatusOr<std::vector<Session>> Replicas::ListSessions(const SessionFilter& filter) {
  std::vector<Session> sessions = parts_.sessions.List(filter);
  if (!joined()) return sessions;
  absl::StatusOr<std::vector<Session>> elsewhere = records_->SessionsElsewhere();
  if (!elsewhere.ok()) return elsewhere.status();
  for (Session& session : *elsewhere) {
    if (filter.Matches(session) && !parts_.sessions.Find(session.id).has_value()) {
      sessions.push_back(std::move(session));
    }
  }
  SessionRegistry::SortByAge(sessions);
  return sessions;
}

absl::Status Replicas::AddObserver(SessionRegistry::Observer& observer) {
  if (!joined()) return absl::OkStatus();
  absl::StatusOr<std::vector<Session>> elsewhere = records_->SessionsElsewhere();
  if (!elsewhere.ok()) return elsewhere.status();
  absl::MutexLock lock(&observers_mutex_);
  if (observers_.empty()) {
    elsewhere_.clear();
    for (Session& session : *elsewhere) elsewhere_[session.id] = std::move(session);
  }
  for (const auto& [id, session] : elsewhere_) observer.OnSessionStarted(session);
  observers_.insert(&observer);
  return absl::OkStatus();
}

void Replicas::RemoveObserver(SessionRegistry::Observer& observer) {
  absl::MutexLock lock(&observers_mutex_);
  observers_.erase(&observer);
}

void Replicas::LookAtSessions() {
  {
    absl::MutexLock lock(&observers_mutex_);
    if (observers_.empty()) return;
  }
  const absl::StatusOr<std::vector<Session>> read = records_->SessionsElsewhere();
  if (!read.ok()) return;
  std::map<std::string, Session> now;
  for (const Session& session : *read) now[session.id] = session;
  absl::MutexLock lock(&observers_mutex_);
  for (const auto& [id, session] : now) {
    const auto before = elsewhere_.find(id);
    const bool known = before != elsewhere_.end();
    if (known &&
        ToProto(before->second).SerializeAsString() == ToProto(session).SerializeAsString()) {
      continue;
    }
    for (SessionRegistry::Observer* observer : observers_) {
      known ? observer->OnSessionUpdated(session) : observer->OnSessionStarted(session);
    }
  }
  for (const auto& [id, session] : elsewhere_) {
    // One that has come here goes on.
    if (now.count(id) > 0 || parts_.sessions.Find(id).has_value()) continue;
    for (SessionRegistry::Observer* observer : observers_) observer->OnSessionEnded(session, "");
  }
  elsewhere_ = std::move(now);
}

absl::StatusOr<std::map<int64_t, int>> Replicas::CountSessions() {
  std::map<int64_t, int> counts = parts_.sessions.CountByWorkspace();
  if (!joined()) return counts;
  const absl::StatusOr<std::map<int64_t, int>> elsewhere = records_->CountSessionsElsewhere();
  if (!elsewhere.ok()) return elsewhere.status();
  for (const auto& [workspace, count] : *elsewhere) counts[workspace] += count;
  return counts;
}

absl::Status Replicas::NoteSignature(absl::string_view session_identifier) {
  return joined() ? records_->NoteSignature(session_identifier) : absl::OkStatus();
}

absl::StatusOr<bool> Replicas::HasSignature(absl::string_view session_identifier) {
  if (!joined()) return false;
  return records_->HasSignature(session_identifier);
}

void Replicas::NoteSession(const Session& session, bool now) {
  absl::MutexLock lock(&mutex_);
  if (!now && changes_.sessions.count(session.id) == 0) {
    later_[session.id] = session;
    return;
  }
  later_.erase(session.id);
  changes_.sessions[session.id] = session;
  urgent_ = urgent_ || now;
}

void Replicas::OnSessionUpdated(const Session& session) {
  // That a tunnel stands is worth telling at once; what it carries is not.
  NoteSession(session, session.live && session.traffic.channels().empty());
}

void Replicas::OnSessionEnded(const Session& session, const std::string&) {
  absl::MutexLock lock(&mutex_);
  later_.erase(session.id);
  changes_.sessions[session.id] = std::nullopt;
  urgent_ = true;
}

bool Replicas::WaitForChanges(absl::Time until, Changes& changes) {
  absl::MutexLock lock(&mutex_);
  const auto ready = [this]()
                         ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return urgent_ || stopping_; };
  mutex_.AwaitWithDeadline(absl::Condition(&ready), until);
  changes = std::exchange(changes_, Changes());
  urgent_ = false;
  return !stopping_;
}

void Replicas::Keep() {
  absl::Time beat = absl::Now() + kBeat;
  absl::Time traffic = absl::Now() + kTraffic;
  absl::Time tidy = absl::Now();
  bool more = true;
  while (more) {
    Changes changes;
    more = WaitForChanges(beat, changes);
    const absl::Time now = absl::Now();
    if (now >= traffic) {
      traffic = now + kTraffic;
      absl::MutexLock lock(&mutex_);
      for (auto& [id, session] : std::exchange(later_, {})) {
        changes.sessions.try_emplace(id, std::move(session));
      }
    }
    WriteDown(std::move(changes));
    if (now < beat) continue;
    beat = now + kBeat;
    SayAlive();
    CheckIsolation();
    LookAtSessions();
    if (now < tidy) continue;
    tidy = now + kTidyInterval;
    (void)records_->Tidy();
    absl::StatusOr<std::vector<Session>> lost = records_->TakeAbandonedSessions();
    if (lost.ok() && !lost->empty()) listener_->OnSessionsLost(*std::move(lost));
  }
}

void Replicas::WriteDown(Changes changes) {
  absl::Status status = WriteAgents(changes.agents);
  status.Update(WriteSessions(changes.sessions));
  if (status.ok()) return;
  // They are written with the next beat, unless something newer is noted meanwhile.
  absl::MutexLock lock(&mutex_);
  for (const auto& [id, epoch] : changes.agents) changes_.agents.try_emplace(id, epoch);
  for (auto& [id, session] : changes.sessions) {
    changes_.sessions.try_emplace(id, std::move(session));
  }
}

absl::Status Replicas::WriteAgents(const std::map<int64_t, int64_t>& noted) {
  std::vector<SharedAgent> here;
  std::vector<std::pair<int64_t, int64_t>> gone;
  for (const auto& [id, epoch] : noted) {
    std::optional<ConnectedAgent> agent = parts_.agents.Find(id);
    if (agent.has_value()) {
      here.push_back({id, agent->epoch, name_, std::move(agent->hello), true});
    } else {
      gone.emplace_back(id, epoch);
    }
  }
  absl::Status status;
  for (std::vector<std::pair<int64_t, int64_t>>& piece : InPieces(std::move(gone))) {
    status.Update(records_->RemoveAgents(piece));
  }
  for (const std::vector<SharedAgent>& piece : InPieces(std::move(here))) {
    std::vector<int64_t> overtaken, moved;
    status.Update(records_->PutAgents(piece, overtaken, moved));
    std::map<int64_t, int64_t> epochs;
    for (const SharedAgent& agent : piece) epochs[agent.workspace_id] = agent.epoch;
    for (const int64_t id : overtaken) {
      parts_.agents.DisconnectOlder(id, epochs[id] + 1);
    }
    for (const int64_t id : moved) {
      v1::ReplicaMessage message;
      message.mutable_agent_moved()->set_workspace_id(id);
      message.mutable_agent_moved()->set_epoch(epochs[id]);
      Send("", std::move(message));
    }
  }
  return status;
}

absl::Status Replicas::WriteSessions(const std::map<std::string, std::optional<Session>>& noted) {
  std::vector<Session> here;
  std::vector<std::string> over;
  for (const auto& [id, session] : noted) {
    if (session.has_value()) {
      here.push_back(*session);
    } else {
      over.push_back(id);
    }
  }
  absl::Status status;
  for (const std::vector<std::string>& piece : InPieces(std::move(over))) {
    status.Update(records_->RemoveSessions(piece));
  }
  for (const std::vector<Session>& piece : InPieces(std::move(here))) {
    status.Update(records_->PutSessions(piece));
  }
  return status;
}

void Replicas::SayAlive() {
  const absl::StatusOr<bool> known = records_->SayAlive(Self());
  const absl::StatusOr<std::vector<v1::Replica>> replicas =
      known.ok() ? records_->Replicas() : known.status();
  if (!replicas.ok()) {
    Logger("replicas")
        ->error("cannot say that this replica is there: {}",
                std::string(replicas.status().message()));
    return;
  }
  {
    absl::MutexLock lock(&mutex_);
    alive_ = absl::Now();
  }
  if (!*known) NoteEverything();
  LookAtOthers(*replicas);
}

void Replicas::NoteEverything() {
  for (const int64_t id : parts_.agents.Workspaces()) NoteAgent(id, 0);
  for (const Session& session : parts_.sessions.List(SessionFilter())) NoteSession(session, true);
}

void Replicas::LookAtOthers(const std::vector<v1::Replica>& replicas) {
  std::set<std::string> others;
  for (const v1::Replica& replica : replicas) {
    std::string other(absl::StripPrefix(replica.name(), "replicas/"));
    if (other != name_) others.insert(std::move(other));
  }
  bool lost = false;
  {
    absl::MutexLock lock(&mutex_);
    for (const std::string& other : others_) lost = lost || others.count(other) == 0;
    others_ = std::move(others);
  }
  // It may have committed a change and not lived to tell.
  if (lost) listener_->OnMissed();
}

void Replicas::CheckIsolation() {
  bool isolated;
  {
    absl::MutexLock lock(&mutex_);
    if (bus_->connected() && absl::Now() - alive_ < kIsolation) heard_ = absl::Now();
    isolated = absl::Now() - heard_ > kIsolation;
  }
  if (isolated == std::exchange(isolated_, isolated)) return;
  Logger("replicas")
      ->log(isolated ? spdlog::level::err : spdlog::level::info,
            isolated ? "isolated: agents and proxies are sent to other replicas"
                     : "not isolated any more");
  listener_->OnIsolated(isolated);
}

}  // namespace homeport
