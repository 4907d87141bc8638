#include "coordinator/revocation.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/logging.h"
#include "coordinator/resource_name.h"

namespace homeport {
namespace {

constexpr char kWorkspaceDeleted[] = "The workspace was deleted.";
constexpr char kCredentialRevoked[] = "The workspace's credential was revoked.";
constexpr char kUnreadable[] =
    "Homeport could not check whether this session may go on. Connect again.";

std::string ProxyName(const std::string& replica) { return absl::StrCat("proxies/", replica); }

}  // namespace

struct Revocation::Orders {
  struct Change {
    v1::SessionPolicy policy;
    std::vector<std::string> ids;
  };
  // By replica and sentence, and by replica and policy, serialised.
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> ends;
  std::map<std::pair<std::string, std::string>, Change> changes;
};

v1::Effect Revocation::UserChanged(int64_t user_id) {
  return Act([user_id](const Session& session) { return session.user_id == user_id; },
             [this, user_id](const auto& revision) {
               publisher_.PublishOwnerKeys(user_id, revision);
               // The owner's address is among the settings.
               for (const int64_t id : agents_.WorkspacesOf(user_id)) {
                 publisher_.PublishWorkspace(id);
               }
             });
}

v1::Effect Revocation::KeyRemoved(int64_t user_id, absl::string_view) {
  // The records show which sessions came with a key that is gone.
  return UserChanged(user_id);
}

v1::Effect Revocation::ProviderChanged(const std::string& provider) {
  return Act(
      [&provider](const Session& session) { return session.provider == provider; },
      [this, &provider](const auto& revision) { publisher_.PublishProvider(provider, revision); });
}

v1::Effect Revocation::WorkspaceChanged(int64_t workspace_id) {
  publisher_.PublishWorkspace(workspace_id);
  return {};
}

v1::Effect Revocation::Act(
    const std::function<bool(const Session&)>& concerned,
    const std::function<void(const SettingsPublisher::Revision&)>& tell_agents) {
  const absl::Time start = absl::Now();
  Batch batch;
  const int64_t ticket = sessions_.NextTicket();
  Reconsider(sessions_.Select(concerned), ticket, batch);
  GiveHeadStart(batch, start);
  tell_agents(RevisionFor(batch));
  acknowledgements_.Await(batch, start + kPatience);
  return acknowledgements_.Finish(batch);
}

void Revocation::GiveHeadStart(Batch& batch, absl::Time start) {
  if (alone_ == nullptr || alone_()) {
    acknowledgements_.Await(batch, start + kHeadStart);
  } else {
    // What has become of the others' people is only known when all is over.
    absl::SleepFor(start + kHeadStart - absl::Now());
  }
}

SettingsPublisher::Revision Revocation::RevisionFor(Batch& batch) {
  return [this, &batch](const ConnectedAgent& agent) {
    return acknowledgements_.Expect(batch, FormatAgentName(agent.name), agent.writer.get());
  };
}

v1::Effect Revocation::WorkspaceDeleted(int64_t workspace_id) {
  return CutOff(workspace_id, kWorkspaceDeleted, absl::PermissionDeniedError(kWorkspaceDeleted));
}

v1::Effect Revocation::CredentialRevoked(int64_t workspace_id) {
  return CutOff(workspace_id, kCredentialRevoked,
                absl::UnauthenticatedError("the workspace's credential was revoked"));
}

v1::Effect Revocation::CredentialRotated(int64_t workspace_id) {
  agents_.Disconnect(workspace_id, absl::UnauthenticatedError(
                                       "the workspace's credential was replaced; it needs the new "
                                       "one"));
  return {};
}

v1::Effect Revocation::CutOff(int64_t workspace_id, const std::string& sentence,
                              const absl::Status& status) {
  const absl::Time start = absl::Now();
  Batch batch;
  agents_.NoteChange();
  const std::optional<ConnectedAgent> agent = agents_.Find(workspace_id);
  // An agent with a new credential may be here before we are done: its sessions are good ones.
  const int64_t epoch = agent.has_value() ? agent->epoch : std::numeric_limits<int64_t>::max();
  const auto concerned = [&](const Session& session) {
    return session.workspace_id == workspace_id && session.agent_epoch <= epoch &&
           session.ending != sentence;
  };
  EndAll(sessions_.Select(concerned), sentence, batch);
  GiveHeadStart(batch, start);
  if (agent.has_value()) agent->writer->Finish(status);
  // Those that were granted until the agent's stream was closed.
  EndAll(sessions_.Select(concerned), sentence, batch);
  acknowledgements_.Await(batch, start + kPatience);
  return acknowledgements_.Finish(batch);
}

v1::Effect Revocation::EndSessions(const SessionFilter& filter, const std::string& sentence) {
  const absl::Time start = absl::Now();
  Batch batch;
  EndAll(sessions_.List(filter), sentence, batch);
  acknowledgements_.Await(batch, start + kPatience);
  return acknowledgements_.Finish(batch);
}

void Revocation::EndAll(const std::vector<Session>& sessions, const std::string& sentence,
                        Batch& batch) {
  Orders orders;
  for (const Session& session : sessions) {
    sessions_.NoteEnding(session.id, sentence);
    orders.ends[{session.replica, sentence}].push_back(session.id);
  }
  absl::MutexLock lock(&sending_);
  Send(orders, batch);
}

void Revocation::Reconsider(std::vector<Session> sessions, int64_t ticket, Batch& batch) {
  Admission admission(store_);  // reads from here on
  std::vector<std::pair<Session, v1::SessionPolicy>> allowed;
  Orders orders;
  for (Session& session : sessions) {
    const absl::StatusOr<Verdict> verdict = admission.Judge(session);
    if (verdict.ok() && verdict->allowed()) {
      allowed.emplace_back(std::move(session), verdict->policy);
      continue;
    }
    if (!verdict.ok()) {
      // Something was revoked, and whether it concerns this one cannot be found out.
      Logger("session")->error("session={} cannot be decided about: {}", session.id,
                               std::string(verdict.status().message()));
    }
    const std::string sentence = verdict.ok() ? verdict->EndingSentence(session) : kUnreadable;
    Logger("session")->info("ending session={} workspace={} user={}: {}", session.id,
                            session.workspace, session.user, sentence);
    sessions_.NoteEnding(session.id, sentence);
    orders.ends[{session.replica, sentence}].push_back(session.id);
  }
  absl::MutexLock lock(&sending_);
  for (const auto& [session, policy] : allowed) {
    if (!sessions_.NotePolicy(session.id, ticket, policy)) continue;
    Orders::Change& change = orders.changes[{session.replica, policy.SerializeAsString()}];
    change.policy = policy;
    change.ids.push_back(session.id);
  }
  Send(orders, batch);
}

void Revocation::Send(const Orders& orders, Batch& batch) {
  for (const auto& [key, ids] : orders.ends) {
    v1::ConnectProxyResponse message;
    message.mutable_end_sessions()->mutable_session_ids()->Add(ids.begin(), ids.end());
    message.mutable_end_sessions()->set_message(key.second);
    SendOrder(key.first, std::move(message), batch);
  }
  for (const auto& [key, change] : orders.changes) {
    v1::ConnectProxyResponse message;
    message.mutable_change_policy()->mutable_session_ids()->Add(change.ids.begin(),
                                                                change.ids.end());
    *message.mutable_change_policy()->mutable_policy() = change.policy;
    SendOrder(key.first, std::move(message), batch);
  }
}

void Revocation::SendOrder(const std::string& replica, v1::ConnectProxyResponse message,
                           Batch& batch) {
  const std::shared_ptr<ProxyWriter> writer = proxies_.Find(replica);
  if (writer == nullptr) {
    acknowledgements_.NoteLaggard(
        batch, ProxyName(replica),
        "It is not connected; its sessions end when it comes back, or at its staleness bound.");
    return;
  }
  const int64_t order =
      acknowledgements_.Expect(batch, ProxyName(replica), writer.get(),
                               message.has_end_sessions() ? Acknowledgements::Counts::kEndedSessions
                                                          : Acknowledgements::Counts::kNothing);
  if (message.has_end_sessions()) message.mutable_end_sessions()->set_order(order);
  if (message.has_change_policy()) message.mutable_change_policy()->set_order(order);
  if (!writer->Write(std::move(message))) acknowledgements_.OnGone(writer.get());
}

void Revocation::OnHello(const std::string& replica) {
  const int64_t ticket = sessions_.NextTicket();
  std::vector<Session> sessions = sessions_.Select([&replica](const Session& session) {
    return session.replica == replica && !session.checked;
  });
  Batch batch;
  std::vector<Session> known;
  for (Session& session : sessions) {
    const absl::Status status = session.workspace_id == 0 ? Identify(session) : absl::OkStatus();
    if (status.ok() && session.ending.empty()) {
      known.push_back(std::move(session));
    } else if (status.ok() || absl::IsNotFound(status)) {
      // An order to end it may not have arrived.
      EndAll({session}, status.ok() ? session.ending : std::string(status.message()), batch);
    }
  }
  Admission admission(store_);
  known.erase(std::remove_if(known.begin(), known.end(),
                             [&](const Session& session) {
                               // It waits for Recheck: it is no reason to end what may be good.
                               return !admission.Judge(session).ok();
                             }),
              known.end());
  Reconsider(std::move(known), ticket, batch);
  acknowledgements_.Finish(batch);
}

void Revocation::Recheck() {
  std::set<std::string> replicas;
  for (const Session& session :
       sessions_.Select([](const Session& candidate) { return !candidate.checked; })) {
    if (proxies_.Find(session.replica) != nullptr) replicas.insert(session.replica);
  }
  for (const std::string& replica : replicas) OnHello(replica);
}

void Revocation::CatchUp() {
  Batch batch;
  const int64_t ticket = sessions_.NextTicket();
  // Those whose owner is not known yet are for Recheck.
  Reconsider(sessions_.Select([](const Session& session) {
    return session.workspace_id != 0 && session.ending.empty();
  }),
             ticket, batch);
  acknowledgements_.Finish(batch);
  std::set<int64_t> owners;
  agents_.NoteChange();
  for (const int64_t id : agents_.Workspaces()) {
    const std::optional<ConnectedAgent> agent = agents_.Find(id);
    if (!agent.has_value()) continue;
    // One that came with its pod's token has none.
    const absl::Status shown = agent->credential_id.empty()
                                   ? absl::OkStatus()
                                   : store_.FindCredential(agent->credential_id).status();
    const absl::Status workspace = store_.GetWorkspaceById(id).status();
    if (absl::IsNotFound(workspace)) {
      (void)WorkspaceDeleted(id);
    } else if (absl::IsNotFound(shown)) {
      (void)CredentialRotated(id);
    } else {
      owners.insert(agent->owner_id);
      publisher_.PublishWorkspace(id);
    }
  }
  for (const int64_t owner : owners) publisher_.PublishOwnerKeys(owner);
}

absl::Status Revocation::Identify(Session& session) {
  const absl::StatusOr<WorkspaceName> name = ParseWorkspaceName(session.workspace);
  if (!name.ok()) return absl::NotFoundError(kWorkspaceDeleted);
  const absl::StatusOr<UserRecord> user = store_.GetUser(session.user);
  if (absl::IsNotFound(user.status())) return absl::NotFoundError("Your account was deleted.");
  if (!user.ok()) return absl::UnavailableError(user.status().message());
  const absl::StatusOr<WorkspaceRecord> workspace =
      store_.GetWorkspace(name->user, name->workspace);
  if (absl::IsNotFound(workspace.status())) return absl::NotFoundError(kWorkspaceDeleted);
  if (!workspace.ok()) return absl::UnavailableError(workspace.status().message());
  session.user_id = user->id;
  session.workspace_id = workspace->id;
  session.provider = workspace->provider;
  const absl::StatusOr<KeyHolder> holder = store_.FindKeyHolder(session.entry_key);
  // Of a key that is gone nobody can say any more whose it was: it counts as removed.
  session.assigned_key = holder.ok() && holder->own_key_id == 0;
  if (holder.ok()) session.key_name = session.assigned_key ? "assigned" : holder->own_key_name;
  // In the registry before it is decided about: a change from now on finds it there.
  sessions_.Identify(session.id, session);
  return absl::OkStatus();
}

}  // namespace homeport
