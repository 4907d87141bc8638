// A coordinator made of maps, for tests of whole command lines.
//
// Threads: one.
#ifndef HOMEPORT_CLI_FAKE_COORDINATOR_H_
#define HOMEPORT_CLI_FAKE_COORDINATOR_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cli/coordinator.h"

namespace homeport {

inline constexpr char kHostKey[] = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA";

// What it knows, and what it was asked last; outlives the connections to it.
struct World {
  std::string caller = "users/demo";
  v1::Token caller_token;
  std::vector<int> caller_roles;  // of the token; empty: the user's
  std::map<std::string, v1::User> users;
  std::map<std::string, v1::Token> tokens;
  std::map<std::string, v1::PublicKey> keys;
  std::map<std::string, v1::Provider> providers;
  std::map<std::string, v1::Workspace> workspaces;
  std::vector<v1::Session> sessions;
  std::vector<v1::SessionEvent> events;
  std::vector<v1::AuditEntry> audit;  // the newest first
  v1::FrontDoor front_door;
  v1::Settings settings;
  v1::VerifyAuditResponse verified;
  v1::Effect effect;  // of every change
  bool set_up_needed = false;
  std::string password = "correct horse battery";
  std::string code = "one-time";

  // If it is not OK, all calls with a token fail like that.
  absl::Status trouble;
  absl::Status download_refused;
  absl::Status sign_out;

  CoordinatorOptions connected_with;
  int downloads = 0;
  int signed_out = 0;
  v1::SetUpRequest set_up;
  v1::SetPasswordRequest set_password;
  v1::CreateTokenRequest token_request;
  v1::UpdateUserRequest user_update;
  v1::UpdateProviderRequest provider_update;
  v1::UpdateWorkspaceRequest workspace_update;
  v1::RotateCredentialRequest rotation;
  v1::UpdateSettingsRequest settings_update;
  v1::SessionFilter session_filter;
  v1::EndSessionsRequest end_request;
  v1::ListAuditEntriesRequest audit_request;
};

Coordinator MakeFakeCoordinator(World& world);

}  // namespace homeport

#endif  // HOMEPORT_CLI_FAKE_COORDINATOR_H_
