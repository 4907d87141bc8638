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
constexpr char kWorkspaceDeleted[] = "The workspace was deleted.";

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
         absl::IsFailedPrecondition(status) || absl::IsResourceExhausted(status);
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
  const std::string from = Printable(request.client_address(), 64);
  const absl::StatusOr<KeyHolder> holder = store_.FindKeyHolder(request.public_key());
  if (absl::IsNotFound(holder.status())) {
    Logger("session")->info("refused from={}: no user has the key", from);
    return absl::UnauthenticatedError("no user has this key");
  }
  if (!holder.ok()) return holder.status();
  const UserRecord* user = &holder->user;

  const absl::StatusOr<WorkspaceRecord> workspace = FindWorkspace(*user, request.login_name());
  const absl::StatusOr<v1::SessionGranted> granted =
      workspace.ok() ? Grant(*user, *workspace, request) : workspace.status();
  v1::OpenSessionResponse response;
  response.set_user(FormatUserName(user->name));
  if (granted.ok()) {
    Logger("session")->info("granted session={} workspace={} user={} from={}",
                            granted->session_id(), granted->workspace(), user->name, from);
    *response.mutable_granted() = *granted;
    return response;
  }
  Logger("session")->info("refused user={} from={} login={}: {}", user->name, from,
                          Printable(request.login_name(), 130),
                          std::string(granted.status().message()));
  if (!IsForPerson(granted.status())) return granted.status();
  response.mutable_refused()->set_message(std::string(granted.status().message()));
  return response;
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

absl::StatusOr<v1::SessionGranted> SessionBroker::Grant(const UserRecord& user,
                                                        const WorkspaceRecord& workspace,
                                                        const v1::OpenSessionRequest& request) {
  const std::optional<ConnectedAgent> agent = agents_.Find(workspace.id);
  if (!agent.has_value()) return NotConnected(workspace);
  const BackendPin pin = workspace.details.pinned_backend;
  // An OpenSSH that was not there may have started since: only a dial makes the agent look again.
  if (pin == BackendPin::kEmbedded && !Offers(agent->hello.status(), ToProto(pin))) {
    return PinnedBackendMissing(workspace.name, pin);
  }
  const absl::Time now = absl::Now();
  Session session;
  session.id = NewSessionId();
  session.replica = request.replica();
  session.user_id = user.id;
  session.user = user.name;
  session.workspace_id = workspace.id;
  session.workspace = FormatWorkspaceName(workspace.owner, workspace.name);
  session.agent_epoch = agent->epoch;
  session.os_user = agent->hello.os_user();
  session.public_key = user.public_key;
  session.client_address = Printable(request.client_address(), 64);
  session.pin = pin;
  session.expire_time = now + kOpenWithin;

  v1::SessionGranted granted;
  granted.set_session_id(session.id);
  granted.set_workspace(session.workspace);
  granted.set_os_user(session.os_user);
  granted.set_public_key(session.public_key);
  *granted.mutable_expire_time() = ToTimestamp(session.expire_time);
  v1::ConnectAgentResponse message;
  v1::Dial* dial = message.mutable_dial();
  dial->set_session_id(session.id);
  dial->set_address(request.tunnel_address());
  dial->set_ticket(request.ticket());
  dial->set_client_address(request.client_address());
  dial->set_server_address(request.server_address());
  *dial->mutable_expire_time() = granted.expire_time();

  // The session first: the agent's answer may come before this function returns.
  if (absl::Status status = sessions_.Add(std::move(session), now); !status.ok()) return status;
  if (!agent->writer->Write(std::move(message))) {
    sessions_.TakeFailed(granted.session_id(), workspace.id);
    return Offline(workspace);
  }
  return granted;
}

void SessionBroker::OnDialResult(const WorkspaceRecord& workspace, const v1::DialResult& result) {
  std::string error = Printable(result.error(), kShownBytes);
  if (error.empty()) {
    const absl::StatusOr<Session> session =
        sessions_.FindForSigning(result.session_id(), absl::Now());
    if (!session.ok() || session->pin == BackendPin::kAuto ||
        ToProto(session->pin) == result.backend()) {
      sessions_.TunnelStands(result.session_id(), workspace.id);
      return;
    }
    error = std::string(PinnedBackendMissing(workspace.name, session->pin).message());
  }
  const std::optional<Session> failed = sessions_.TakeFailed(result.session_id(), workspace.id);
  if (!failed.has_value()) return;
  SendTunnelFailed(*failed, error);
}

void SessionBroker::OnAgentLost(int64_t workspace_id, int64_t agent_epoch) {
  for (const Session& session : sessions_.TakeWaitingFor(workspace_id, agent_epoch)) {
    SendTunnelFailed(session, "The workspace lost its connection. Try again in a moment.");
  }
}

void SessionBroker::OnWorkspaceDeleted(int64_t workspace_id) {
  // The sessions first, so that their people hear of the deletion and not of a lost agent; and once
  // more for those that were granted until the agent's stream was closed.
  EndSessionsOf(workspace_id);
  agents_.Disconnect(workspace_id, absl::PermissionDeniedError(kWorkspaceDeleted));
  EndSessionsOf(workspace_id);
}

void SessionBroker::EndSessionsOf(int64_t workspace_id) {
  for (const Session& session : sessions_.TakeWorkspace(workspace_id)) {
    TellEnd(session.replica, session.id, session.workspace, session.user);
  }
}

void SessionBroker::OnAdopted(const std::string& replica, const v1::LiveSession& session) {
  const absl::StatusOr<WorkspaceName> name = ParseWorkspaceName(session.workspace());
  if (!name.ok()) return;  // checked with the hello
  const std::string user = Printable(session.user(), 80);
  absl::StatusOr<WorkspaceRecord> workspace = store_.GetWorkspace(name->user, name->workspace);
  if (workspace.ok()) {
    sessions_.Identify(session.session_id(), user, session.workspace(), workspace->id);
    // Asked again: it may have been deleted before its session was known.
    workspace = store_.GetWorkspace(name->user, name->workspace);
  }
  if (!absl::IsNotFound(workspace.status())) return;
  if (!sessions_.TakeEnded(session.session_id(), replica).has_value()) return;
  TellEnd(replica, session.session_id(), session.workspace(), user);
}

void SessionBroker::TellEnd(const std::string& replica, const std::string& session_id,
                            const std::string& workspace, const std::string& user) {
  v1::ConnectProxyResponse end;
  end.mutable_end_sessions()->add_session_ids(session_id);
  end.mutable_end_sessions()->set_message(kWorkspaceDeleted);
  const bool told = proxies_.Send(replica, std::move(end));
  Logger("session")->info("ending session={} workspace={} user={}: {}{}", session_id, workspace,
                          user, kWorkspaceDeleted, told ? "" : " (its proxy is not connected)");
}

absl::Status SessionBroker::NotConnected(const WorkspaceRecord& workspace) const {
  if (absl::Now() - started_ < kSettle && workspace.last_seen_time != absl::InfinitePast() &&
      !agents_.WasHere(workspace.id)) {
    return absl::UnavailableError("agents are still coming back after the coordinator's start");
  }
  return Offline(workspace);
}

void SessionBroker::OnSessionEnded(const std::string& replica, const v1::SessionEnded& ended) {
  const std::optional<Session> session = sessions_.TakeEnded(ended.session_id(), replica);
  if (!session.has_value()) return;  // one that we ended, or never knew
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
  Logger("session")->info("no tunnel for session={} workspace={} user={}: {}", session.id,
                          session.workspace, session.user, message);
}

}  // namespace homeport
