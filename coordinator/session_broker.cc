#include "coordinator/session_broker.h"

#include <sodium.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/address.h"
#include "base/logging.h"
#include "base/tunnel_preamble.h"
#include "coordinator/admission.h"
#include "coordinator/login_name.h"
#include "coordinator/replica_name.h"
#include "coordinator/resource_name.h"
#include "coordinator/timestamps.h"
#include "coordinator/workspace_details.h"

namespace homeport {
namespace {

constexpr size_t kSessionIdBytes = 16;
constexpr size_t kLongestKey = 8192;
constexpr size_t kShownBytes = 200;
constexpr char kAgentLost[] = "The workspace lost its connection. Try again in a moment.";
constexpr char kEndedUnseen[] = "It ended while its proxy was not connected.";
constexpr char kSignedInAWorkspace[] =
    "A workspace may not sign in to the front door with its owner's key; sign in from your own "
    "computer.";

std::string NewSessionId() {
  std::string bytes(kSessionIdBytes, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return absl::BytesToHexString(bytes);
}

// What the proxy itself has to get right.
absl::Status CheckRequest(const v1::OpenSessionRequest& request) {
  if (request.ticket().size() != kTicketBytes) {
    return absl::InvalidArgumentError(absl::StrCat("ticket must be ", kTicketBytes, " bytes"));
  }
  if (request.public_key().empty() || request.public_key().size() > kLongestKey) {
    return absl::InvalidArgumentError("public_key must be an SSH public key blob");
  }
  const absl::StatusOr<HostPort> address = ParseHostPort(request.tunnel_address());
  if (!address.ok() || address->host.empty() || address->port == 0) {
    return absl::InvalidArgumentError("tunnel_address must be host:port, with both of them");
  }
  return CheckReplicaName("replica", request.replica());
}

// A refusal that the person may read, as opposed to a failure of ours.
bool IsForPerson(const absl::Status& status) {
  return absl::IsNotFound(status) || absl::IsInvalidArgument(status) ||
         absl::IsFailedPrecondition(status) || absl::IsResourceExhausted(status) ||
         absl::IsPermissionDenied(status);
}

absl::Status Offline(const WorkspaceRecord& workspace) {
  if (workspace.last_seen_time == absl::InfinitePast()) {
    return absl::FailedPreconditionError(
        absl::StrCat("The workspace ", workspace.name,
                     " has never been connected. Start it with its agent and try again."));
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "The workspace ", workspace.name, " is offline; it was last seen ",
      HowLongAgo(absl::Now() - workspace.last_seen_time), ". Start it and try again."));
}

// What is said when the workspace's record allows one backend alone, and it is not there.
absl::Status PinnedBackendMissing(absl::string_view workspace, BackendPin pin) {
  return absl::FailedPreconditionError(
      pin == BackendPin::kOpenSsh
          ? absl::StrCat(
                "The workspace ", workspace,
                " is set to OpenSSH alone, and no OpenSSH server answers in it. Start sshd "
                "there, or set its backend to auto.")
          : absl::StrCat("The workspace ", workspace,
                         " is set to the embedded SSH server alone, and its agent does not offer "
                         "it. Set its backend to auto."));
}

v1::ConnectAgentResponse MakeDial(const Session& session, const v1::OpenSessionRequest& request) {
  v1::ConnectAgentResponse message;
  v1::Dial* dial = message.mutable_dial();
  dial->set_session_id(session.id);
  dial->set_address(request.tunnel_address());
  dial->set_ticket(request.ticket());
  dial->set_client_address(request.client_address());
  dial->set_server_address(request.server_address());
  dial->set_public_key(session.entry_key);
  *dial->mutable_expire_time() = ToTimestamp(session.expire_time);
  return message;
}

bool Offers(const v1::AgentStatus& status, v1::BackendKind kind) {
  return std::any_of(status.backends().begin(), status.backends().end(),
                     [kind](const v1::Backend& backend) { return backend.kind() == kind; });
}

}  // namespace

absl::StatusOr<v1::OpenSessionResponse> SessionBroker::Open(const v1::OpenSessionRequest& request) {
  absl::StatusOr<v1::OpenSessionResponse> response = Decide(request);
  if (absl::IsUnauthenticated(response.status())) {
    metrics_.CountOpen("unknown_key");
  } else if (!response.ok()) {
    metrics_.CountOpen("error");
  } else {
    metrics_.CountOpen(response->has_granted() ? "granted" : "refused");
  }
  return response;
}

absl::StatusOr<v1::OpenSessionResponse> SessionBroker::Decide(
    const v1::OpenSessionRequest& request) {
  if (absl::Status status = CheckRequest(request); !status.ok()) return status;
  if (replicas_.joined() && !sessions_.Has(request.replica())) {
    // Nobody could tell it anything of the session.
    return absl::UnavailableError("the proxy's stream is not at this coordinator");
  }
  const std::string from = Printable(request.client_address(), 64);
  const absl::StatusOr<KeyHolder> holder = store_.FindKeyHolder(request.public_key());
  if (absl::IsNotFound(holder.status())) {
    Logger("session")->info("refused from={}: no user has the key", from);
    ledger_.RecordRefusal(request, "", "no user has the key");
    return absl::UnauthenticatedError("no user has this key");
  }
  if (!holder.ok()) return holder.status();
  const UserRecord& user = holder->user;

  const absl::StatusOr<v1::SessionGranted> granted = DecideAbout(*holder, request);
  v1::OpenSessionResponse response;
  response.set_user(FormatUserName(user.name));
  if (granted.ok()) {
    Logger("session")->info("granted session={} workspace={} user={} from={}",
                            granted->session_id(), granted->workspace(), user.name, from);
    *response.mutable_granted() = *granted;
    return response;
  }
  Logger("session")->info("refused user={} from={} login={}: {}", user.name, from,
                          Printable(request.login_name(), 130),
                          std::string(granted.status().message()));
  if (!IsForPerson(granted.status())) return granted.status();
  ledger_.RecordRefusal(request, user.name, std::string(granted.status().message()));
  response.mutable_refused()->set_message(std::string(granted.status().message()));
  return response;
}

absl::StatusOr<v1::SessionGranted> SessionBroker::DecideAbout(
    const KeyHolder& holder, const v1::OpenSessionRequest& request) {
  if (key_sockets_ != nullptr && key_sockets_->Contains(request.session_identifier())) {
    return absl::PermissionDeniedError(kSignedInAWorkspace);
  }
  if (holder.user.suspended) {
    Verdict suspended;
    suspended.kind = Verdict::Kind::kSuspended;
    return absl::PermissionDeniedError(suspended.RefusalSentence());
  }
  const absl::StatusOr<WorkspaceRecord> workspace =
      FindWorkspace(holder.user, request.login_name());
  if (!workspace.ok()) return workspace.status();
  return Grant(holder, *workspace, request);
}

absl::StatusOr<WorkspaceRecord> SessionBroker::FindWorkspace(const UserRecord& user,
                                                             absl::string_view login) {
  const absl::StatusOr<std::vector<LoginReading>> readings = ReadLoginName(login, user.name);
  if (!readings.ok()) return readings.status();
  std::vector<WorkspaceRecord> found;
  for (const LoginReading& reading : *readings) {
    if (reading.owner != user.name) continue;
    absl::StatusOr<WorkspaceRecord> workspace =
        store_.GetWorkspace(reading.owner, reading.workspace);
    if (absl::IsNotFound(workspace.status())) continue;
    if (!workspace.ok()) {
      Logger("session")->error("cannot look up a workspace: {}",
                               std::string(workspace.status().message()));
      return absl::UnavailableError("the records cannot be read right now");
    }
    found.push_back(*std::move(workspace));
  }
  if (found.empty()) {
    // In the same words whether it does not exist or is somebody else's.
    return absl::NotFoundError(absl::StrCat("You have no workspace \"", login,
                                            "\". Check the name; your workspaces are those that ",
                                            "your site manager made for ", user.name, "."));
  }
  if (found.size() > 1) {
    return absl::FailedPreconditionError(
        absl::StrCat("\"", login, "\" could be ", found[0].owner, "/", found[0].name, " or ",
                     found[1].owner, "/", found[1].name, ". Sign in with one of these names."));
  }
  return std::move(found.front());
}

absl::StatusOr<v1::SessionGranted> SessionBroker::Grant(const KeyHolder& holder,
                                                        const WorkspaceRecord& workspace,
                                                        const v1::OpenSessionRequest& request) {
  const absl::Time now = absl::Now();
  Session session;
  session.id = NewSessionId();
  session.replica = request.replica();
  session.user_id = holder.user.id;
  session.user = holder.user.name;
  session.workspace_id = workspace.id;
  session.workspace = FormatWorkspaceName(workspace.owner, workspace.name);
  session.provider = workspace.provider;
  session.entry_key = request.public_key();
  session.assigned_key = holder.own_key_id == 0;
  session.key_name = session.assigned_key ? "assigned" : holder.own_key_name;
  session.client_address = Printable(request.client_address(), 64);
  session.client_version = Printable(request.client_version(), 255);
  session.start_time = now;
  session.public_key = holder.user.public_key;
  session.pin = workspace.details.pinned_backend;
  session.expire_time = now + kOpenWithin;

  // Whoever may not come in learns nothing of the workspace's agent.
  absl::StatusOr<Verdict> verdict = Admission(store_).Judge(session);
  if (!verdict.ok()) return absl::UnavailableError(verdict.status().message());
  if (!verdict->allowed()) return absl::PermissionDeniedError(verdict->RefusalSentence());
  const absl::StatusOr<SharedAgent> agent = FindAgent(workspace);
  if (!agent.ok()) return agent.status();
  // An OpenSSH that was not there may have started since: only a dial makes the agent look again.
  if (session.pin == BackendPin::kEmbedded &&
      !Offers(agent->hello.status(), ToProto(session.pin))) {
    return PinnedBackendMissing(workspace.name, session.pin);
  }
  session.agent_epoch = agent->epoch;
  session.os_user = agent->hello.os_user();

  if (absl::Status status = sessions_.Add(session, now); !status.ok()) return status;
  v1::SessionGranted granted;
  granted.set_session_id(session.id);
  granted.set_workspace(session.workspace);
  granted.set_os_user(session.os_user);
  granted.set_public_key(session.public_key);
  *granted.mutable_expire_time() = ToTimestamp(session.expire_time);
  absl::Status status = Admit(session, *granted.mutable_policy());
  if (status.ok() && !Dial(*agent, MakeDial(session, request))) status = Offline(workspace);
  if (!status.ok()) {
    Drop(session, std::string(status.message()));
    return status;
  }
  return granted;
}

absl::StatusOr<SharedAgent> SessionBroker::FindAgent(const WorkspaceRecord& workspace) {
  absl::StatusOr<std::optional<SharedAgent>> agent = replicas_.FindAgent(workspace.id);
  if (!agent.ok()) return absl::UnavailableError(agent.status().message());
  if (!agent->has_value()) return NotConnected(workspace);
  if (!(*agent)->reachable) {
    return absl::UnavailableError("the agent's coordinator is gone; it is on its way to another");
  }
  return **std::move(agent);
}

bool SessionBroker::Dial(const SharedAgent& agent, const v1::ConnectAgentResponse& dial) {
  if (agent.replica == replicas_.name()) {
    const std::optional<ConnectedAgent> here = agents_.Find(agent.workspace_id);
    return here.has_value() && here->epoch == agent.epoch && here->writer->Write(dial);
  }
  {
    absl::MutexLock lock(&relayed_mutex_);
    SharedAgent place = agent;
    place.hello.Clear();
    relayed_[dial.dial().session_id()] = {std::move(place), dial, absl::Now() + kOpenWithin};
  }
  v1::ReplicaMessage message;
  message.mutable_dial()->set_workspace_id(agent.workspace_id);
  message.mutable_dial()->set_epoch(agent.epoch);
  *message.mutable_dial()->mutable_dial() = dial.dial();
  replicas_.Send(agent.replica, std::move(message));
  return true;
}

void SessionBroker::OnAgentMoved(int64_t workspace_id, int64_t epoch, const std::string& replica) {
  std::vector<RelayedDial> again;
  {
    absl::MutexLock lock(&relayed_mutex_);
    for (auto it = relayed_.begin(); it != relayed_.end();) {
      const SharedAgent& agent = it->second.agent;
      if (agent.workspace_id != workspace_id || agent.epoch >= epoch) {
        ++it;
        continue;
      }
      again.push_back(std::move(it->second));
      it = relayed_.erase(it);
    }
  }
  for (RelayedDial& relayed : again) {
    relayed.agent.epoch = epoch;
    relayed.agent.replica = replica;
    Dial(relayed.agent, relayed.dial);
  }
}

absl::Status SessionBroker::Admit(const Session& session, v1::SessionPolicy& policy) {
  const int64_t ticket = sessions_.NextTicket();
  const absl::StatusOr<Verdict> verdict = Admission(store_).Judge(session);
  if (!verdict.ok()) return absl::UnavailableError(verdict.status().message());
  if (!verdict->allowed()) return absl::PermissionDeniedError(verdict->RefusalSentence());
  policy = verdict->policy;
  // False if a later change has told the proxy already: it knows what to do with that.
  sessions_.NotePolicy(session.id, ticket, policy);
  if (absl::Status status = ledger_.RecordStart(session); !status.ok()) return status;
  sessions_.NoteStartRecorded(session.id);
  return absl::OkStatus();
}

void SessionBroker::Drop(const Session& session, const std::string& reason) {
  const std::optional<Session> dropped =
      sessions_.TakeFailed(session.id, session.workspace_id, reason);
  if (dropped.has_value()) ledger_.RecordEnd(*dropped, reason);
}

void SessionBroker::OnDialResult(int64_t workspace_id, const std::string& workspace,
                                 const v1::DialResult& result) {
  {
    absl::MutexLock lock(&relayed_mutex_);
    relayed_.erase(result.session_id());
  }
  std::string error = Printable(result.error(), kShownBytes);
  if (error.empty()) {
    const absl::StatusOr<Session> session =
        sessions_.FindForSigning(result.session_id(), absl::Now());
    if (!session.ok() || session->pin == BackendPin::kAuto ||
        ToProto(session->pin) == result.backend()) {
      sessions_.TunnelStands(result.session_id(), workspace_id, result.backend());
      return;
    }
    const absl::StatusOr<WorkspaceName> name = ParseWorkspaceName(workspace);
    error =
        std::string(PinnedBackendMissing(name.ok() ? name->workspace : "", session->pin).message());
  }
  const std::optional<Session> failed =
      sessions_.TakeFailed(result.session_id(), workspace_id, error);
  if (!failed.has_value()) return;
  SendTunnelFailed(*failed, error);
}

void SessionBroker::OnAgentLost(int64_t workspace_id, int64_t agent_epoch) {
  for (const Session& session : sessions_.TakeWaitingFor(workspace_id, agent_epoch, kAgentLost)) {
    SendTunnelFailed(session, kAgentLost);
  }
}

void SessionBroker::OnHello(const std::string& replica,
                            const google::protobuf::RepeatedPtrField<v1::LiveSession>& sessions) {
  for (const Session& session : sessions_.Adopt(replica, sessions, absl::Now())) {
    ledger_.RecordEnd(session, kEndedUnseen);
  }
}

void SessionBroker::TakeOver(const std::string& replica) {
  v1::ReplicaMessage message;
  message.mutable_proxy_moved()->set_proxy(replica);
  replicas_.Send("", std::move(message));
  const absl::StatusOr<std::vector<Session>> taken = replicas_.TakeSessionsOf(replica);
  if (!taken.ok()) return;
  for (const Session& session : *taken) {
    if (!sessions_.Find(session.id).has_value()) ledger_.RecordEnd(session, kEndedUnseen);
  }
}

void SessionBroker::Sweep(absl::Time now) {
  {
    absl::MutexLock lock(&relayed_mutex_);
    for (auto it = relayed_.begin(); it != relayed_.end();) {
      it = it->second.forget < now ? relayed_.erase(it) : std::next(it);
    }
  }
  const std::vector<Session> swept = sessions_.Sweep(now);
  for (const Session& session : swept) ledger_.RecordEnd(session, "Nobody has told more of it.");
  if (!swept.empty()) {
    Logger("session")->warn("{} sessions are counted as ended: nobody told us more", swept.size());
  }
}

absl::Status SessionBroker::NotConnected(const WorkspaceRecord& workspace) const {
  if (absl::Now() - started_ < kSettle && workspace.last_seen_time != absl::InfinitePast() &&
      !agents_.WasHere(workspace.id)) {
    return absl::UnavailableError("agents are still coming back after the coordinator's start");
  }
  return Offline(workspace);
}

void SessionBroker::OnSessionEnded(const std::string& replica, const v1::SessionEnded& ended) {
  const std::string reason = Printable(ended.reason(), kShownBytes);
  const std::optional<Session> session =
      sessions_.TakeEnded(ended.session_id(), replica, ended.traffic(), reason);
  if (!session.has_value()) return;  // one that failed, or that we never knew
  ledger_.RecordEnd(*session, reason);
  Logger("session")->info(
      "ended session={} workspace={} user={} from={} bytes_to_user={} bytes_to_workspace={}: {}",
      session->id, session->workspace, session->user, session->client_address,
      ended.traffic().bytes_to_user(), ended.traffic().bytes_to_workspace(),
      Printable(ended.reason(), kShownBytes));
}

void SessionBroker::SendTunnelFailed(const Session& session, const std::string& message) {
  v1::ConnectProxyResponse failed;
  failed.mutable_tunnel_failed()->set_session_id(session.id);
  failed.mutable_tunnel_failed()->set_message(message);
  proxies_.Send(session.replica, std::move(failed));
  ledger_.RecordEnd(session, message);
  Logger("session")->info("no tunnel for session={} workspace={} user={}: {}", session.id,
                          session.workspace, session.user, message);
}

}  // namespace homeport
