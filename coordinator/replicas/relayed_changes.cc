#include "coordinator/replicas/relayed_changes.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/logging.h"

namespace homeport {
namespace {

void Merge(const v1::Effect& from, v1::Effect& to) {
  to.set_ended_sessions(to.ended_sessions() + from.ended_sessions());
  to.mutable_laggards()->MergeFrom(from.laggards());
}

v1::Effect Laggard(const std::string& replica, const std::string& reason) {
  v1::Effect effect;
  v1::Laggard* const laggard = effect.add_laggards();
  laggard->set_name(absl::StrCat("replicas/", replica));
  laggard->set_reason(reason);
  return effect;
}

}  // namespace

v1::Effect RelayedChanges::Everywhere(v1::RelayedChange change,
                                      const std::function<v1::Effect()>& here) {
  const std::vector<std::string> others = replicas_.Others();
  const absl::Time deadline = absl::Now() + kPatience;
  if (!replicas_.joined()) return here();
  {
    absl::MutexLock lock(&mutex_);
    change.set_number(++last_number_);
    waiting_[change.number()].replicas = {others.begin(), others.end()};
  }
  v1::ReplicaMessage message;
  *message.mutable_change() = change;
  replicas_.Send("", std::move(message));
  v1::Effect effect = here();
  absl::MutexLock lock(&mutex_);
  Waiting& waiting = waiting_[change.number()];
  const auto answered = [&waiting] { return waiting.replicas.empty(); };
  mutex_.AwaitWithDeadline(absl::Condition(&answered), deadline);
  Merge(waiting.effect, effect);
  for (const std::string& replica : waiting.replicas) {
    Merge(Laggard(replica,
                  "This coordinator did not say in time what has become of those who are "
                  "connected to it."),
          effect);
  }
  waiting_.erase(change.number());
  return effect;
}

void RelayedChanges::OnDone(const std::string& from, const v1::RelayedChangeDone& done) {
  absl::MutexLock lock(&mutex_);
  const auto found = waiting_.find(done.number());
  if (found == waiting_.end() || found->second.replicas.erase(from) == 0) return;
  Merge(done.effect(), found->second.effect);
}

v1::Effect RelayedChanges::UserChanged(int64_t user_id) {
  v1::RelayedChange change;
  change.set_user_id(user_id);
  return Everywhere(std::move(change), [&] { return here_.UserChanged(user_id); });
}

v1::Effect RelayedChanges::KeyRemoved(int64_t user_id, absl::string_view public_key_blob) {
  // The records show the others which key is gone.
  v1::RelayedChange change;
  change.set_user_id(user_id);
  return Everywhere(std::move(change), [&] { return here_.KeyRemoved(user_id, public_key_blob); });
}

v1::Effect RelayedChanges::ProviderChanged(const std::string& provider) {
  v1::RelayedChange change;
  change.set_provider(provider);
  return Everywhere(std::move(change), [&] { return here_.ProviderChanged(provider); });
}

v1::Effect RelayedChanges::WorkspaceChanged(int64_t workspace_id) {
  v1::RelayedChange change;
  change.set_workspace_id(workspace_id);
  return Everywhere(std::move(change), [&] { return here_.WorkspaceChanged(workspace_id); });
}

v1::Effect RelayedChanges::WorkspaceDeleted(int64_t workspace_id) {
  v1::RelayedChange change;
  change.set_deleted_workspace_id(workspace_id);
  return Everywhere(std::move(change), [&] { return here_.WorkspaceDeleted(workspace_id); });
}

v1::Effect RelayedChanges::CredentialRevoked(int64_t workspace_id) {
  v1::RelayedChange change;
  change.set_revoked_workspace_id(workspace_id);
  return Everywhere(std::move(change), [&] { return here_.CredentialRevoked(workspace_id); });
}

v1::Effect RelayedChanges::CredentialRotated(int64_t workspace_id) {
  v1::RelayedChange change;
  change.set_rotated_workspace_id(workspace_id);
  return Everywhere(std::move(change), [&] { return here_.CredentialRotated(workspace_id); });
}

v1::Effect RelayedChanges::EndSessions(const SessionFilter& filter, const std::string& sentence) {
  v1::RelayedChange change;
  *change.mutable_end_sessions()->mutable_filter() = ToProto(filter);
  change.mutable_end_sessions()->set_message(sentence);
  return Everywhere(std::move(change), [&] { return here_.EndSessions(filter, sentence); });
}

v1::Effect RelayedChanges::ActHere(const v1::RelayedChange& change) {
  switch (change.change_case()) {
    case v1::RelayedChange::kUserId:
      return here_.UserChanged(change.user_id());
    case v1::RelayedChange::kProvider:
      return here_.ProviderChanged(change.provider());
    case v1::RelayedChange::kWorkspaceId:
      return here_.WorkspaceChanged(change.workspace_id());
    case v1::RelayedChange::kDeletedWorkspaceId:
      return here_.WorkspaceDeleted(change.deleted_workspace_id());
    case v1::RelayedChange::kRevokedWorkspaceId:
      return here_.CredentialRevoked(change.revoked_workspace_id());
    case v1::RelayedChange::kRotatedWorkspaceId:
      return here_.CredentialRotated(change.rotated_workspace_id());
    case v1::RelayedChange::kEndSessions: {
      const absl::StatusOr<SessionFilter> filter =
          ReadSessionFilter(change.end_sessions().filter());
      if (!filter.ok()) break;
      return here_.EndSessions(*filter, change.end_sessions().message());
    }
    case v1::RelayedChange::CHANGE_NOT_SET:
      break;
  }
  return Laggard(replicas_.name(), "This coordinator's version does not know the change.");
}

void RelayedChanges::CarryOut(const std::string& from, const v1::RelayedChange& change) {
  v1::ReplicaMessage answer;
  answer.mutable_change_done()->set_number(change.number());
  *answer.mutable_change_done()->mutable_effect() = ActHere(change);
  if (change.number() != 0) replicas_.Send(from, std::move(answer));
}

}  // namespace homeport
