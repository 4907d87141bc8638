#include "coordinator/session_signer.h"

#include <algorithm>
#include <optional>

#include "absl/time/clock.h"
#include "coordinator/keys/key_pair.h"
#include "coordinator/keys/userauth_request.h"
#include "coordinator/user_keys.h"
#include "coordinator/workspace_details.h"

namespace homeport {
namespace {

// What an agent reports before it dials, another replica may write down after the tunnel stands.
constexpr absl::Duration kOtherReplica = absl::Seconds(1);
constexpr absl::Duration kLookAgain = absl::Milliseconds(20);

bool Reported(const v1::AgentStatus& status, const v1::SignRequest& request) {
  if (request.host_key().empty() || request.backend() == v1::BACKEND_KIND_UNSPECIFIED) return false;
  const auto& backends = status.backends();
  return std::any_of(backends.begin(), backends.end(), [&](const v1::Backend& backend) {
    return backend.kind() == request.backend() &&
           std::find(backend.host_keys().begin(), backend.host_keys().end(), request.host_key()) !=
               backend.host_keys().end();
  });
}

}  // namespace

absl::StatusOr<std::string> SessionSigner::Sign(const v1::SignRequest& request) {
  const absl::StatusOr<Session> session =
      sessions_.FindForSigning(request.session_id(), absl::Now());
  if (!session.ok()) return session.status();
  absl::Status status = CheckHostKey(*session, request);
  if (!status.ok()) return status;
  const absl::StatusOr<absl::string_view> algorithm = CheckUserauthRequest(
      request.data(), {session->os_user, session->public_key, request.host_key()});
  if (!algorithm.ok()) return algorithm.status();

  const absl::StatusOr<KeyRecord> record = store_.GetUserKey(session->user_id);
  if (absl::IsNotFound(record.status())) {
    return absl::NotFoundError("no such session is being opened: its user was deleted");
  }
  if (!record.ok()) return record.status();
  if (record->public_key != session->public_key) {
    return absl::FailedPreconditionError("the user's key has changed since the session was opened");
  }
  const absl::StatusOr<KeyPair> pair = OpenKeyPair(vault_, *record, UserKeyOwner(session->user));
  if (!pair.ok()) return pair.status();
  status = sessions_.CountSignature(request.session_id(), absl::Now());
  if (!status.ok()) return status;
  return pair->SignatureBlob(request.data(), SignFlags(*algorithm));
}

absl::Status SessionSigner::CheckHostKey(const Session& session, const v1::SignRequest& request) {
  if (session.pin != BackendPin::kAuto && ToProto(session.pin) != request.backend()) {
    return absl::FailedPreconditionError(
        "The workspace's record allows another SSH server than the one that answered.");
  }
  const absl::Time deadline = absl::Now() + kOtherReplica;
  for (;;) {
    const absl::StatusOr<std::optional<SharedAgent>> agent =
        replicas_.FindAgent(session.workspace_id);
    if (!agent.ok()) return absl::UnavailableError(agent.status().message());
    if (!agent->has_value()) {
      return absl::UnavailableError("the workspace's agent is not connected right now");
    }
    if (Reported((*agent)->hello.status(), request)) return absl::OkStatus();
    if ((*agent)->replica == replicas_.name() || absl::Now() > deadline) {
      return absl::FailedPreconditionError(
          "The workspace showed a host key that its agent did not report.");
    }
    absl::SleepFor(kLookAgain);
  }
}

}  // namespace homeport
