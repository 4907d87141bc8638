#include "coordinator/workspace_signer.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/key_fingerprint.h"
#include "base/logging.h"
#include "coordinator/keys/key_pair.h"
#include "coordinator/resource_name.h"
#include "coordinator/user_keys.h"
#include "nlohmann/json.hpp"

namespace homeport {
namespace {

constexpr size_t kShownBytes = 128;

// For the audit: what the signature is for.
nlohmann::ordered_json Describe(const SignaturePurpose& purpose, size_t bytes) {
  nlohmann::ordered_json detail;
  switch (purpose.kind) {
    case SignaturePurpose::Kind::kUserauth:
      detail["kind"] = "userauth";
      detail["user"] = Printable(purpose.user, kShownBytes);
      detail["service"] = Printable(purpose.service, kShownBytes);
      detail["host_bound"] = !purpose.host_key.empty();
      if (!purpose.host_key.empty()) detail["host_key"] = KeyFingerprint(purpose.host_key);
      break;
    case SignaturePurpose::Kind::kSshsig:
      detail["kind"] = "sshsig";
      detail["namespace"] = Printable(purpose.name_space, kShownBytes);
      break;
    case SignaturePurpose::Kind::kOther:
      detail["kind"] = "other";
      detail["bytes"] = bytes;
      break;
  }
  return detail;
}

// A decision against the request, as opposed to a failure of ours.
bool IsRefusal(const absl::Status& status) {
  return absl::IsPermissionDenied(status) || absl::IsNotFound(status) ||
         absl::IsInvalidArgument(status) || absl::IsResourceExhausted(status);
}

// A failure to look something up is no refusal, also when the workspace was deleted just now.
absl::Status Unavailable(const absl::Status& status) {
  return absl::UnavailableError(absl::StrCat("the records cannot be read: ", status.message()));
}

}  // namespace

absl::StatusOr<std::string> WorkspaceSigner::Sign(const WorkspaceRecord& workspace,
                                                  const v1::SignForWorkspaceRequest& request,
                                                  const std::string& address) {
  const absl::Time now = absl::Now();
  const std::string name = FormatWorkspaceName(workspace.owner, workspace.name);
  const bool in_time = rate_.Take(workspace.id, now);
  // What is too large is not even read.
  const SignaturePurpose purpose = in_time && request.data().size() <= kMostBytes
                                       ? ReadSignaturePurpose(request.data())
                                       : SignaturePurpose();
  nlohmann::ordered_json detail = Describe(purpose, request.data().size());
  KeyRecord key;
  absl::Status status =
      in_time ? Check(workspace, request, purpose, key)
              : absl::ResourceExhaustedError(
                    "this workspace asks for too many signatures; try again in a moment");
  if (!status.ok() && !IsRefusal(status)) return status;
  if (!in_time && !recorded_excess_.Take(workspace.id, now)) return status;

  absl::StatusOr<KeyPair> pair = absl::InternalError("no key was opened");
  if (status.ok()) {
    pair = OpenKeyPair(vault_, key, UserKeyOwner(workspace.owner));
    if (!pair.ok()) return pair.status();
    detail["key"] = KeyFingerprint(key.public_key);
  } else {
    detail["reason"] = std::string(status.message());
  }
  const char* action = status.ok() ? "key_socket.sign" : "key_socket.refuse";
  const absl::Status recorded =
      store_.AppendAudit({0, now, FormatAgentName(name), action, name, address, detail.dump()});
  Logger("audit")->info("{} workspace={} from={} {}", action, name, address, detail.dump());
  if (!recorded.ok()) {
    Logger("audit")->error("workspace={}: not signed, because it cannot be recorded: {}", name,
                           std::string(recorded.message()));
    if (status.ok()) {
      return absl::UnavailableError(
          "this cannot be recorded right now, and what is not recorded is not signed");
    }
  }
  if (!status.ok()) return status;
  return pair->SignatureBlob(request.data(), request.flags());
}

absl::Status WorkspaceSigner::Check(const WorkspaceRecord& workspace,
                                    const v1::SignForWorkspaceRequest& request,
                                    const SignaturePurpose& purpose, KeyRecord& key) {
  if (request.data().size() > kMostBytes) {
    return absl::InvalidArgumentError(absl::StrCat("data has ", request.data().size(),
                                                   " bytes; at most ", kMostBytes, " are signed"));
  }
  const absl::StatusOr<ProviderRecord> provider = store_.GetProvider(workspace.provider);
  if (!provider.ok()) return Unavailable(provider.status());
  if (!provider->features.key_socket) {
    return absl::PermissionDeniedError(
        absl::StrCat("The key socket is switched off for workspaces of the provider ",
                     provider->name, "; a site manager can switch it on."));
  }
  const absl::StatusOr<UserRecord> owner = store_.GetUserById(workspace.owner_id);
  if (!owner.ok()) return Unavailable(owner.status());
  if (owner->suspended) {
    return absl::PermissionDeniedError("The workspace's owner is suspended.");
  }
  absl::StatusOr<KeyRecord> record = store_.GetUserKey(workspace.owner_id);
  if (!record.ok()) return Unavailable(record.status());
  if (request.public_key() != record->public_key) {
    return absl::NotFoundError("this is not the present key of the workspace's owner");
  }
  if (!policy_.may_open_front_door && !purpose.host_key.empty() &&
      purpose.host_key == policy_.front_door_key) {
    return absl::PermissionDeniedError(
        "A workspace may not sign in to the front door with its owner's key; sign in from your own "
        "computer.");
  }
  if (purpose.kind == SignaturePurpose::Kind::kUserauth &&
      !memory_.Note(purpose.session_identifier, absl::Now())) {
    return absl::ResourceExhaustedError(
        "too many sign-ins are being signed for workspaces; try again in a moment");
  }
  key = *std::move(record);
  return absl::OkStatus();
}

}  // namespace homeport
