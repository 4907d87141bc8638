#include "coordinator/session_registry.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/logging.h"
#include "coordinator/resource_name.h"

namespace homeport {
namespace {

// A proxy says by itself that a session failed; this long after its time is over we stop waiting.
constexpr absl::Duration kOpeningGrace = absl::Seconds(30);
constexpr absl::Duration kTellInterval = absl::Seconds(1);
constexpr size_t kShownBytes = 255;

absl::Time ToTime(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

// What a proxy says of a session that is not known here.
Session ToSession(const v1::LiveSession& live, const std::string& replica) {
  Session session;
  session.id = live.session_id();
  session.replica = replica;
  absl::string_view user = live.user();
  absl::ConsumePrefix(&user, "users/");
  session.user = Printable(user, 80);
  session.workspace = live.workspace();
  session.entry_key = live.public_key();
  session.client_address = Printable(live.client_address(), 64);
  session.client_version = Printable(live.client_version(), kShownBytes);
  session.backend = live.backend();
  if (live.has_start_time()) session.start_time = ToTime(live.start_time());
  session.traffic = live.traffic();
  session.start_recorded = true;  // by the process before this one
  return session;
}

}  // namespace

bool SessionFilter::Matches(const Session& session) const {
  return (id.empty() || id == session.id) && (user.empty() || user == session.user) &&
         (workspace.empty() || workspace == session.workspace) &&
         (provider.empty() || provider == session.provider);
}

absl::StatusOr<SessionFilter> ReadSessionFilter(const v1::SessionFilter& filter) {
  SessionFilter read;
  if (!filter.session().empty()) {
    absl::string_view id = filter.session();
    if (!absl::ConsumePrefix(&id, "sessions/") || id.empty()) {
      return absl::InvalidArgumentError("filter.session must be sessions/{session}");
    }
    read.id = std::string(id);
  }
  if (!filter.user().empty()) {
    const absl::StatusOr<std::string> user = ParseUserName(filter.user());
    if (!user.ok()) return user.status();
    read.user = *user;
  }
  if (!filter.workspace().empty()) {
    const absl::StatusOr<WorkspaceName> workspace = ParseWorkspaceName(filter.workspace());
    if (!workspace.ok()) return workspace.status();
    read.workspace = filter.workspace();
  }
  if (!filter.provider().empty()) {
    const absl::StatusOr<std::string> provider = ParseProviderName(filter.provider());
    if (!provider.ok()) return provider.status();
    read.provider = *provider;
  }
  return read;
}

v1::SessionFilter ToProto(const SessionFilter& filter) {
  v1::SessionFilter message;
  if (!filter.id.empty()) message.set_session(absl::StrCat("sessions/", filter.id));
  if (!filter.user.empty()) message.set_user(FormatUserName(filter.user));
  message.set_workspace(filter.workspace);
  if (!filter.provider.empty()) message.set_provider(FormatProviderName(filter.provider));
  return message;
}

template <typename Predicate>
std::vector<Session> SessionRegistry::TakeIfLocked(Predicate predicate, const std::string& reason) {
  std::vector<Session> taken;
  for (auto it = sessions_.begin(); it != sessions_.end();) {
    if (!predicate(it->second)) {
      ++it;
      continue;
    }
    taken.push_back(std::move(it->second));
    told_.erase(it->first);
    it = sessions_.erase(it);
    for (Observer* observer : observers_) observer->OnSessionEnded(taken.back(), reason);
  }
  return taken;
}

Session* SessionRegistry::FindLocked(const std::string& id) {
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : &found->second;
}

void SessionRegistry::TellUpdatedLocked(const Session& session) {
  for (Observer* observer : observers_) observer->OnSessionUpdated(session);
}

void SessionRegistry::SortByAge(std::vector<Session>& sessions) {
  std::sort(sessions.begin(), sessions.end(), [](const Session& a, const Session& b) {
    return std::tie(a.start_time, a.id) < std::tie(b.start_time, b.id);
  });
}

void SessionRegistry::AddObserver(Observer& observer) {
  absl::MutexLock lock(&mutex_);
  observers_.insert(&observer);
  for (const auto& [id, session] : sessions_) observer.OnSessionStarted(session);
  observer.OnCaughtUp();
}

void SessionRegistry::RemoveObserver(Observer& observer) {
  absl::MutexLock lock(&mutex_);
  observers_.erase(&observer);
}

absl::Status SessionRegistry::Add(Session session, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  int opening = 0;
  for (const auto& [id, other] : sessions_) {
    if (other.user_id == session.user_id && !other.live && other.expire_time > now) ++opening;
  }
  if (opening >= most_opening_per_user_) {
    return absl::ResourceExhaustedError(
        absl::StrCat("You have ", opening,
                     " connections that are still being opened. Wait a little and try again."));
  }
  if (replicas_.count(session.replica) == 0) gone_.try_emplace(session.replica, now);
  const std::string id = session.id;
  Session& added = sessions_.insert_or_assign(id, std::move(session)).first->second;
  for (Observer* observer : observers_) observer->OnSessionStarted(added);
  return absl::OkStatus();
}

std::vector<Session> SessionRegistry::Adopt(
    const std::string& replica, const google::protobuf::RepeatedPtrField<v1::LiveSession>& sessions,
    absl::Time now) {
  absl::MutexLock lock(&mutex_);
  replicas_.insert(replica);
  gone_.erase(replica);
  std::set<std::string> has;
  for (const v1::LiveSession& live : sessions) has.insert(live.session_id());
  // A session that is only just opened may be missing from a list that was on its way.
  std::vector<Session> ended = TakeIfLocked(
      [&](const Session& session) {
        return session.live && session.expire_time < now && session.replica == replica &&
               has.count(session.id) == 0;
      },
      "It ended while its proxy was not connected.");
  for (const v1::LiveSession& live : sessions) {
    const auto [found, added] = sessions_.try_emplace(live.session_id(), ToSession(live, replica));
    Session& session = found->second;
    if (session.replica != replica) continue;
    session.live = true;
    session.checked = false;
    session.policy.reset();
    session.traffic = live.traffic();
    for (Observer* observer : observers_) {
      added ? observer->OnSessionStarted(session) : observer->OnSessionUpdated(session);
    }
  }
  return ended;
}

void SessionRegistry::Identify(const std::string& id, const Session& facts) {
  absl::MutexLock lock(&mutex_);
  Session* const session = FindLocked(id);
  if (session == nullptr || session->workspace_id != 0) return;
  session->user_id = facts.user_id;
  session->user = facts.user;
  session->workspace_id = facts.workspace_id;
  session->workspace = facts.workspace;
  session->provider = facts.provider;
  session->assigned_key = facts.assigned_key;
  session->key_name = facts.key_name;
  TellUpdatedLocked(*session);
}

void SessionRegistry::ReplicaGone(const std::string& replica, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  replicas_.erase(replica);
  gone_[replica] = now;
}

void SessionRegistry::Disown(const std::string& replica) {
  absl::MutexLock lock(&mutex_);
  replicas_.erase(replica);
  gone_.erase(replica);
  TakeIfLocked([&](const Session& session) { return session.replica == replica; }, kMoved);
}

bool SessionRegistry::Has(const std::string& replica) const {
  absl::MutexLock lock(&mutex_);
  return replicas_.count(replica) > 0;
}

absl::StatusOr<Session> SessionRegistry::FindForSigning(const std::string& id,
                                                        absl::Time now) const {
  absl::MutexLock lock(&mutex_);
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second.workspace_id == 0 ||
      found->second.expire_time < now || !found->second.ending.empty()) {
    return absl::NotFoundError("no such session is being opened");
  }
  if (found->second.signatures >= kMostSignatures) {
    return absl::ResourceExhaustedError(
        absl::StrCat("this session has had its ", kMostSignatures, " signatures"));
  }
  return found->second;
}

absl::Status SessionRegistry::CountSignature(const std::string& id, absl::Time now) {
  const absl::StatusOr<Session> found = FindForSigning(id, now);
  if (!found.ok()) return found.status();
  absl::MutexLock lock(&mutex_);
  const auto it = sessions_.find(id);
  if (it == sessions_.end() || it->second.signatures >= kMostSignatures) {
    return absl::NotFoundError("no such session is being opened");
  }
  ++it->second.signatures;
  return absl::OkStatus();
}

bool SessionRegistry::TunnelStands(const std::string& id, int64_t workspace_id,
                                   v1::BackendKind backend) {
  absl::MutexLock lock(&mutex_);
  Session* const session = FindLocked(id);
  if (session == nullptr || session->workspace_id != workspace_id) return false;
  session->live = true;
  session->backend = backend;
  TellUpdatedLocked(*session);
  return true;
}

void SessionRegistry::NoteStartRecorded(const std::string& id) {
  absl::MutexLock lock(&mutex_);
  if (Session* const session = FindLocked(id)) session->start_recorded = true;
}

void SessionRegistry::NoteTraffic(const std::string& id, const std::string& replica,
                                  const v1::SessionTraffic& traffic, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  Session* const session = FindLocked(id);
  if (session == nullptr || session->replica != replica) return;
  session->traffic = traffic;
  if (observers_.empty()) return;
  absl::Time& told = told_.try_emplace(id, absl::InfinitePast()).first->second;
  if (now - told < kTellInterval) return;
  told = now;
  TellUpdatedLocked(*session);
}

int64_t SessionRegistry::NextTicket() {
  absl::MutexLock lock(&mutex_);
  return ++last_ticket_;
}

bool SessionRegistry::NotePolicy(const std::string& id, int64_t ticket,
                                 const v1::SessionPolicy& policy) {
  absl::MutexLock lock(&mutex_);
  Session* const session = FindLocked(id);
  if (session == nullptr || session->policy_ticket > ticket) return false;
  session->checked = true;
  session->policy_ticket = ticket;
  const bool same = session->policy.has_value() &&
                    session->policy->SerializeAsString() == policy.SerializeAsString();
  session->policy = policy;
  return !same;
}

void SessionRegistry::NoteEnding(const std::string& id, const std::string& sentence) {
  absl::MutexLock lock(&mutex_);
  Session* const session = FindLocked(id);
  if (session == nullptr) return;
  session->checked = true;
  session->ending = sentence;
}

std::optional<Session> SessionRegistry::TakeFailed(const std::string& id, int64_t workspace_id,
                                                   const std::string& reason) {
  absl::MutexLock lock(&mutex_);
  const Session* const found = FindLocked(id);
  if (found == nullptr || found->workspace_id != workspace_id || found->live) return std::nullopt;
  return TakeLocked(id, reason);
}

std::vector<Session> SessionRegistry::TakeWaitingFor(int64_t workspace_id, int64_t agent_epoch,
                                                     const std::string& reason) {
  absl::MutexLock lock(&mutex_);
  return TakeIfLocked(
      [&](const Session& session) {
        return !session.live && session.workspace_id == workspace_id &&
               session.agent_epoch == agent_epoch;
      },
      reason);
}

std::optional<Session> SessionRegistry::TakeEnded(const std::string& id, const std::string& replica,
                                                  const v1::SessionTraffic& traffic,
                                                  const std::string& reason) {
  absl::MutexLock lock(&mutex_);
  Session* const found = FindLocked(id);
  if (found == nullptr || found->replica != replica) return std::nullopt;
  found->traffic = traffic;
  return TakeLocked(id, reason);
}

Session SessionRegistry::TakeLocked(const std::string& id, const std::string& reason) {
  const auto found = sessions_.find(id);
  Session session = std::move(found->second);
  sessions_.erase(found);
  told_.erase(id);
  for (Observer* observer : observers_) observer->OnSessionEnded(session, reason);
  return session;
}

std::vector<Session> SessionRegistry::Sweep(absl::Time now) {
  absl::MutexLock lock(&mutex_);
  std::set<std::string> lost;
  for (const auto& [replica, since] : gone_) {
    if (now - since > kReplicaGrace) lost.insert(replica);
  }
  for (const std::string& replica : lost) gone_.erase(replica);
  return TakeIfLocked(
      [&](const Session& session) {
        return lost.count(session.replica) > 0 ||
               (!session.live && session.expire_time + kOpeningGrace < now);
      },
      "Nobody has told more of it.");
}

std::map<std::string, int> SessionRegistry::CountByProvider() const {
  absl::MutexLock lock(&mutex_);
  std::map<std::string, int> counts;
  for (const auto& [id, session] : sessions_) ++counts[session.provider];
  return counts;
}

std::map<int64_t, int> SessionRegistry::CountByWorkspace() const {
  absl::MutexLock lock(&mutex_);
  std::map<int64_t, int> counts;
  for (const auto& [id, session] : sessions_) ++counts[session.workspace_id];
  return counts;
}

std::optional<Session> SessionRegistry::Find(const std::string& id) const {
  absl::MutexLock lock(&mutex_);
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return std::nullopt;
  return found->second;
}

SessionCounts SessionRegistry::Count() const {
  absl::MutexLock lock(&mutex_);
  SessionCounts counts;
  for (const auto& [id, session] : sessions_) ++(session.live ? counts.live : counts.opening);
  return counts;
}

}  // namespace homeport
