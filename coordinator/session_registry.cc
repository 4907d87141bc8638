#include "coordinator/session_registry.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace homeport {
namespace {

// A proxy says by itself that a session failed; this long after its time is over we stop waiting.
constexpr absl::Duration kOpeningGrace = absl::Seconds(30);

}  // namespace

template <typename Predicate>
std::vector<Session> SessionRegistry::TakeIfLocked(Predicate predicate) {
  std::vector<Session> taken;
  for (auto it = sessions_.begin(); it != sessions_.end();) {
    if (predicate(it->second)) {
      taken.push_back(std::move(it->second));
      it = sessions_.erase(it);
    } else {
      ++it;
    }
  }
  return taken;
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
  std::string id = session.id;
  sessions_.insert_or_assign(std::move(id), std::move(session));
  return absl::OkStatus();
}

void SessionRegistry::Adopt(const std::string& replica, const std::vector<std::string>& ids,
                            absl::Time now) {
  absl::MutexLock lock(&mutex_);
  replicas_.insert(replica);
  gone_.erase(replica);
  // What the replica no longer has ended while nobody could tell us. A session that is only just
  // opened may be missing from a list that was on its way.
  const std::set<std::string> has(ids.begin(), ids.end());
  TakeIfLocked([&](const Session& session) {
    return session.live && session.expire_time < now && session.replica == replica &&
           has.count(session.id) == 0;
  });
  for (const std::string& id : ids) {
    Session& session = sessions_[id];
    if (session.id.empty()) {
      session.id = id;
      session.replica = replica;
    }
    if (session.replica == replica) session.live = true;
  }
}

void SessionRegistry::Identify(const std::string& id, const std::string& user,
                               const std::string& workspace, int64_t workspace_id) {
  absl::MutexLock lock(&mutex_);
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second.workspace_id != 0) return;
  found->second.user = user;
  found->second.workspace = workspace;
  found->second.workspace_id = workspace_id;
}

void SessionRegistry::ReplicaGone(const std::string& replica, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  replicas_.erase(replica);
  gone_[replica] = now;
}

absl::StatusOr<Session> SessionRegistry::FindForSigning(const std::string& id,
                                                        absl::Time now) const {
  absl::MutexLock lock(&mutex_);
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second.workspace_id == 0 ||
      found->second.expire_time < now) {
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

bool SessionRegistry::TunnelStands(const std::string& id, int64_t workspace_id) {
  absl::MutexLock lock(&mutex_);
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second.workspace_id != workspace_id) return false;
  found->second.live = true;
  return true;
}

std::optional<Session> SessionRegistry::TakeFailed(const std::string& id, int64_t workspace_id) {
  absl::MutexLock lock(&mutex_);
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second.workspace_id != workspace_id ||
      found->second.live) {
    return std::nullopt;
  }
  Session session = std::move(found->second);
  sessions_.erase(found);
  return session;
}

std::vector<Session> SessionRegistry::TakeWaitingFor(int64_t workspace_id, int64_t agent_epoch) {
  absl::MutexLock lock(&mutex_);
  return TakeIfLocked([&](const Session& session) {
    return !session.live && session.workspace_id == workspace_id &&
           session.agent_epoch == agent_epoch;
  });
}

std::vector<Session> SessionRegistry::TakeWorkspace(int64_t workspace_id) {
  absl::MutexLock lock(&mutex_);
  return TakeIfLocked([&](const Session& session) { return session.workspace_id == workspace_id; });
}

std::optional<Session> SessionRegistry::TakeEnded(const std::string& id,
                                                  const std::string& replica) {
  absl::MutexLock lock(&mutex_);
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second.replica != replica) return std::nullopt;
  Session session = std::move(found->second);
  sessions_.erase(found);
  return session;
}

int SessionRegistry::Sweep(absl::Time now) {
  absl::MutexLock lock(&mutex_);
  std::set<std::string> lost;
  for (const auto& [replica, since] : gone_) {
    if (now - since > kReplicaGrace) lost.insert(replica);
  }
  for (const std::string& replica : lost) gone_.erase(replica);
  return static_cast<int>(TakeIfLocked([&](const Session& session) {
                            return lost.count(session.replica) > 0 ||
                                   (!session.live && session.expire_time + kOpeningGrace < now);
                          }).size());
}

SessionCounts SessionRegistry::Count() const {
  absl::MutexLock lock(&mutex_);
  SessionCounts counts;
  for (const auto& [id, session] : sessions_) ++(session.live ? counts.live : counts.opening);
  return counts;
}

}  // namespace homeport
