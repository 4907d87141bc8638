#include "cli/fake_coordinator.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace homeport {
namespace {

template <typename Resource>
absl::StatusOr<Resource> Find(const std::map<std::string, Resource>& all, const std::string& name) {
  const auto found = all.find(name);
  if (found == all.end()) return absl::NotFoundError(absl::StrCat("there is no ", name));
  return found->second;
}

template <typename Resource>
std::vector<Resource> Below(const std::map<std::string, Resource>& all, const std::string& parent) {
  std::vector<Resource> values;
  for (const auto& [name, resource] : all) {
    if (absl::StartsWith(name, parent)) values.push_back(resource);
  }
  return values;
}

template <typename Resource>
absl::Status Erase(std::map<std::string, Resource>& all, const std::string& name) {
  if (all.erase(name) == 1) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat("there is no ", name));
}

// The resource with what the change did to sessions.
template <typename Resource>
absl::StatusOr<Resource> Changed(const World& world, absl::StatusOr<Resource> resource) {
  if (resource.ok()) *resource->mutable_effect() = world.effect;
  return resource;
}

class FakeSignIn : public SignInApi {
 public:
  explicit FakeSignIn(World& world) : world_(world) {}

  absl::StatusOr<v1::SignInOptions> GetSignInOptions() override {
    v1::SignInOptions options;
    options.set_set_up_needed(world_.set_up_needed);
    return options;
  }
  absl::StatusOr<v1::SignInResponse> SetUp(const v1::SetUpRequest& request) override {
    world_.set_up = request;
    v1::SignInResponse answer = Answer();
    answer.mutable_user()->set_name("users/" + request.user_id());
    return answer;
  }
  absl::StatusOr<v1::SignInResponse> SignIn(const v1::SignInRequest& request) override {
    const bool right = request.has_password()
                           ? request.password().password() == world_.password &&
                                 "users/" + request.password().user_id() == world_.caller
                           : request.code() == world_.code;
    if (!right) return absl::UnauthenticatedError("That name and password do not fit.");
    return Answer();
  }
  absl::Status SignOut() override {
    ++world_.signed_out;
    return world_.sign_out;
  }

 private:
  v1::SignInResponse Answer() {
    v1::SignInResponse answer;
    answer.set_token("token-of-sign-in");
    answer.mutable_expire_time()->set_seconds(4000000000);
    *answer.mutable_user() = world_.users[world_.caller];
    return answer;
  }

  World& world_;
};

class FakePeople : public PeopleApi {
 public:
  explicit FakePeople(World& world) : world_(world) {}

  absl::StatusOr<v1::Caller> GetCaller() override {
    if (!world_.trouble.ok()) return world_.trouble;
    absl::StatusOr<v1::User> user = Find(world_.users, world_.caller);
    if (!user.ok()) return user.status();
    v1::Caller caller;
    *caller.mutable_user() = *user;
    *caller.mutable_roles() = user->roles();
    if (!world_.caller_roles.empty()) caller.clear_roles();
    for (const int role : world_.caller_roles) caller.add_roles(static_cast<v1::Role>(role));
    *caller.mutable_token() = world_.caller_token;
    return caller;
  }
  absl::StatusOr<v1::User> CreateUser(const v1::CreateUserRequest& request) override {
    v1::User user = request.user();
    user.set_name("users/" + request.user_id());
    world_.users[user.name()] = user;
    user.set_initial_token("t0ken");
    return user;
  }
  absl::StatusOr<v1::User> GetUser(const std::string& name) override {
    return Find(world_.users, name);
  }
  absl::StatusOr<std::vector<v1::User>> ListUsers() override { return Below(world_.users, ""); }
  absl::StatusOr<v1::User> UpdateUser(const v1::UpdateUserRequest& request) override {
    world_.user_update = request;
    return Changed(world_, Find(world_.users, request.user().name()));
  }
  absl::StatusOr<v1::Effect> DeleteUser(const std::string& name) override {
    absl::Status status = Erase(world_.users, name);
    if (!status.ok()) return status;
    return world_.effect;
  }
  absl::Status SetPassword(const v1::SetPasswordRequest& request) override {
    world_.set_password = request;
    return absl::OkStatus();
  }
  absl::StatusOr<v1::CreateSignInCodeResponse> CreateSignInCode(const std::string& user) override {
    const absl::Status status = Find(world_.users, user).status();
    if (!status.ok()) return status;
    v1::CreateSignInCodeResponse answer;
    answer.set_code("c0de");
    answer.mutable_expire_time()->set_seconds(1700000000);
    return answer;
  }
  absl::StatusOr<v1::Token> CreateToken(const v1::CreateTokenRequest& request) override {
    world_.token_request = request;
    v1::Token token = request.token();
    token.set_name(request.parent() + "/tokens/t1");
    world_.tokens[token.name()] = token;
    token.set_secret("s3cret");
    return token;
  }
  absl::StatusOr<std::vector<v1::Token>> ListTokens(const std::string& user) override {
    return Below(world_.tokens, user + "/");
  }
  absl::Status DeleteToken(const std::string& name) override { return Erase(world_.tokens, name); }
  absl::StatusOr<v1::User> RegenerateKey(const std::string& user) override {
    world_.users[user].set_public_key("ssh-ed25519 BBBB new");
    return Changed(world_, Find(world_.users, user));
  }
  absl::StatusOr<std::string> DownloadPrivateKey(const std::string& user) override {
    ++world_.downloads;
    if (!world_.download_refused.ok()) return world_.download_refused;
    return absl::StrCat("-----BEGIN of ", user, " ", world_.users[user].public_key(), "-----\n");
  }
  absl::StatusOr<v1::PublicKey> CreatePublicKey(
      const v1::CreatePublicKeyRequest& request) override {
    v1::PublicKey key = request.public_key();
    key.set_name(absl::StrCat(request.parent(), "/publicKeys/k", world_.keys.size() + 1));
    return world_.keys[key.name()] = key;
  }
  absl::StatusOr<std::vector<v1::PublicKey>> ListPublicKeys(const std::string& user) override {
    return Below(world_.keys, user + "/");
  }
  absl::StatusOr<v1::PublicKey> DeletePublicKey(const std::string& name) override {
    absl::StatusOr<v1::PublicKey> key = Changed(world_, Find(world_.keys, name));
    world_.keys.erase(name);
    return key;
  }

 private:
  World& world_;
};

class FakePlaces : public PlacesApi {
 public:
  explicit FakePlaces(World& world) : world_(world) {}

  absl::StatusOr<v1::Provider> CreateProvider(const v1::CreateProviderRequest& request) override {
    v1::Provider provider = request.provider();
    provider.set_name("providers/" + request.provider_id());
    return world_.providers[provider.name()] = provider;
  }
  absl::StatusOr<v1::Provider> GetProvider(const std::string& name) override {
    return Find(world_.providers, name);
  }
  absl::StatusOr<std::vector<v1::Provider>> ListProviders() override {
    return Below(world_.providers, "");
  }
  absl::StatusOr<v1::Provider> UpdateProvider(const v1::UpdateProviderRequest& request) override {
    world_.provider_update = request;
    return Changed(world_, Find(world_.providers, request.provider().name()));
  }
  absl::Status DeleteProvider(const std::string& name) override {
    return Erase(world_.providers, name);
  }
  absl::StatusOr<v1::Workspace> CreateWorkspace(
      const v1::CreateWorkspaceRequest& request) override {
    v1::Workspace workspace = request.workspace();
    workspace.set_name(request.parent() + "/workspaces/" + request.workspace_id());
    world_.workspaces[workspace.name()] = workspace;
    workspace.set_credential("s3cret");
    return workspace;
  }
  absl::StatusOr<v1::Workspace> GetWorkspace(const std::string& name) override {
    return Find(world_.workspaces, name);
  }
  absl::StatusOr<std::vector<v1::Workspace>> ListWorkspaces(const std::string& parent) override {
    if (!world_.trouble.ok()) return world_.trouble;
    return Below(world_.workspaces, parent);
  }
  absl::StatusOr<v1::Workspace> UpdateWorkspace(
      const v1::UpdateWorkspaceRequest& request) override {
    world_.workspace_update = request;
    return Changed(world_, Find(world_.workspaces, request.workspace().name()));
  }
  absl::StatusOr<v1::Effect> DeleteWorkspace(const std::string& name) override {
    absl::Status status = Erase(world_.workspaces, name);
    if (!status.ok()) return status;
    return world_.effect;
  }
  absl::StatusOr<v1::Workspace> RotateCredential(
      const v1::RotateCredentialRequest& request) override {
    world_.rotation = request;
    absl::StatusOr<v1::Workspace> workspace =
        Changed(world_, Find(world_.workspaces, request.name()));
    if (workspace.ok()) workspace->set_credential("s3cret");
    return workspace;
  }
  absl::StatusOr<v1::Workspace> RevokeCredential(const std::string& name) override {
    return Changed(world_, Find(world_.workspaces, name));
  }

 private:
  World& world_;
};

class FakeSessions : public SessionsApi {
 public:
  explicit FakeSessions(World& world) : world_(world) {}

  absl::StatusOr<std::vector<v1::Session>> ListSessions(const v1::SessionFilter& filter) override {
    world_.session_filter = filter;
    return world_.sessions;
  }
  absl::Status WatchSessions(const v1::SessionFilter& filter, const EventReader& reader) override {
    world_.session_filter = filter;
    for (const v1::SessionEvent& event : world_.events) {
      if (!reader(event)) return absl::OkStatus();
    }
    return absl::UnavailableError("cannot reach the coordinator; is it running?");
  }
  absl::StatusOr<v1::Effect> EndSessions(const v1::EndSessionsRequest& request) override {
    world_.end_request = request;
    return world_.effect;
  }

 private:
  World& world_;
};

class FakeInstallation : public InstallationApi {
 public:
  explicit FakeInstallation(World& world) : world_(world) {}

  absl::StatusOr<v1::FrontDoor> GetFrontDoor() override { return world_.front_door; }
  absl::StatusOr<v1::Settings> GetSettings() override { return world_.settings; }
  absl::StatusOr<v1::Settings> UpdateSettings(const v1::UpdateSettingsRequest& request) override {
    world_.settings_update = request;
    return world_.settings;
  }
  absl::Status ReadAudit(const v1::ListAuditEntriesRequest& request,
                         const EntryReader& reader) override {
    world_.audit_request = request;
    std::vector<v1::AuditEntry> entries = world_.audit;
    if (request.oldest_first()) std::reverse(entries.begin(), entries.end());
    for (const v1::AuditEntry& entry : entries) {
      if (!reader(entry)) return absl::OkStatus();
    }
    return world_.trouble;
  }
  absl::StatusOr<v1::VerifyAuditResponse> VerifyAudit() override { return world_.verified; }

 private:
  World& world_;
};

}  // namespace

Coordinator MakeFakeCoordinator(World& world) {
  Coordinator coordinator;
  coordinator.sign_in = std::make_unique<FakeSignIn>(world);
  coordinator.people = std::make_unique<FakePeople>(world);
  coordinator.places = std::make_unique<FakePlaces>(world);
  coordinator.sessions = std::make_unique<FakeSessions>(world);
  coordinator.installation = std::make_unique<FakeInstallation>(world);
  return coordinator;
}

}  // namespace homeport
