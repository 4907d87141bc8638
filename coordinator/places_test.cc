// Providers, workspaces, and what holds for the whole installation, over a real server.
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "coordinator/keys/ed25519_key_pair.h"
#include "coordinator/test_world.h"
#include "coordinator/timestamps.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;
using AdminStub = v1::AdminService::Stub;

class PlacesTest : public ::testing::Test {
 protected:
  PlacesTest() {
    world_.MakeProvider();
    demo_ = world_.MakeUser("demo").initial_token();
  }

  static v1::UpdateProviderRequest ProviderChange(const std::vector<std::string>& paths) {
    v1::UpdateProviderRequest request;
    request.mutable_provider()->set_name("providers/local");
    for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
    return request;
  }
  v1::Provider GetProvider() {
    v1::GetProviderRequest request;
    request.set_name("providers/local");
    return world_.Admin(&AdminStub::GetProvider, request);
  }
  v1::Workspace GetWorkspace(const std::string& token = "") {
    v1::GetWorkspaceRequest request;
    request.set_name("users/demo/workspaces/dev");
    return world_.Admin(&AdminStub::GetWorkspace, request, token);
  }
  std::unique_ptr<TestAgent> ConnectAgent(const std::string& credential) {
    auto agent = world_.OpenAgent(credential);
    v1::ConnectAgentRequest hello;
    hello.mutable_hello()->set_os_user("coder");
    v1::Backend* backend = hello.mutable_hello()->mutable_status()->add_backends();
    backend->set_kind(v1::BACKEND_KIND_EMBEDDED);
    backend->add_host_keys(Ed25519KeyPair::Generate().PublicKeyBlob());
    EXPECT_TRUE(agent->Write(hello));
    EXPECT_TRUE(agent->Read().has_welcome());
    return agent;
  }
  // Waits until nobody gets in with the credential.
  void AwaitWorthless(const std::string& credential) {
    absl::Status status;
    const absl::Time deadline = absl::Now() + absl::Seconds(10);
    while (!absl::IsUnauthenticated(status) && absl::Now() < deadline) {
      auto late = world_.OpenAgent(credential);
      v1::ConnectAgentRequest no_hello;
      no_hello.mutable_dial_result();
      late->Write(no_hello);
      status = late->Finish();
    }
    EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
  }
  v1::RotateCredentialRequest Rotation(absl::Duration old_valid_for) const {
    v1::RotateCredentialRequest request;
    request.set_name("users/demo/workspaces/dev");
    if (old_valid_for != absl::ZeroDuration()) {
      *request.mutable_old_valid_for() = ToDuration(old_valid_for);
    }
    return request;
  }

  TestWorld world_{[](CoordinatorOptions& options) { options.ssh_address = "ssh.example:22"; }};
  std::string demo_;
};

TEST_F(PlacesTest, AProviderHasFeaturesKindAndNamespace) {
  const v1::Provider fresh = GetProvider();
  EXPECT_EQ(fresh.kind(), v1::PROVIDER_KIND_KUBERNETES);
  EXPECT_EQ(fresh.status(), v1::PROVIDER_STATUS_EMPTY);
  const v1::ProviderFeatures& features = fresh.features();
  EXPECT_TRUE(features.external_connect() && features.port_forwarding() &&
              features.file_transfer() && features.agent_forwarding() &&
              features.x11_forwarding() && features.key_socket());

  v1::UpdateProviderRequest request =
      ProviderChange({"features.port_forwarding", "features.x11_forwarding", "namespace"});
  request.mutable_provider()->mutable_features()->set_port_forwarding(false);
  request.mutable_provider()->set_namespace_("coder");
  v1::Provider changed = world_.Admin(&AdminStub::UpdateProvider, request);
  EXPECT_FALSE(changed.features().port_forwarding());
  EXPECT_TRUE(changed.features().x11_forwarding()) << "what is not said is on";
  EXPECT_EQ(changed.namespace_(), "coder");
  EXPECT_TRUE(changed.has_effect());
  EXPECT_EQ(world_.Audit("provider.update")[0].detail(),
            R"({"namespace":{"old":"","new":"coder"},)"
            R"("features.port_forwarding":{"old":true,"new":false}})");

  request = ProviderChange({"kind"});
  request.mutable_provider()->set_kind(v1::PROVIDER_KIND_OTHER);
  changed = world_.Admin(&AdminStub::UpdateProvider, request);
  EXPECT_EQ(changed.kind(), v1::PROVIDER_KIND_OTHER);
  EXPECT_EQ(changed.namespace_(), "") << "it is none of Kubernetes' any more";
  request = ProviderChange({"namespace"});
  for (const char* bad : {"coder", "Bad Name"}) {
    request.mutable_provider()->set_namespace_(bad);
    EXPECT_TRUE(absl::IsInvalidArgument(world_.Try(&AdminStub::UpdateProvider, request)));
  }
  request = ProviderChange({"status"});
  EXPECT_TRUE(absl::IsInvalidArgument(world_.Try(&AdminStub::UpdateProvider, request)));
}

TEST_F(PlacesTest, AProviderCountsWhoIsThere) {
  const std::string credential = world_.MakeWorkspace("demo", "dev").credential();
  world_.MakeWorkspace("demo", "box");
  EXPECT_EQ(GetProvider().status(), v1::PROVIDER_STATUS_OFFLINE);
  auto agent = ConnectAgent(credential);
  const v1::Provider provider = GetProvider();
  EXPECT_EQ(provider.status(), v1::PROVIDER_STATUS_ONLINE);
  EXPECT_EQ(provider.workspaces(), 2);
  EXPECT_EQ(provider.online_workspaces(), 1);
  v1::ListProvidersRequest list;
  EXPECT_EQ(world_.Admin(&AdminStub::ListProviders, list).providers(0).online_workspaces(), 1);
}

TEST_F(PlacesTest, AWorkspaceHasLimitsAndSaysWhetherPeopleGetIn) {
  world_.MakeWorkspace("demo", "dev");
  EXPECT_FALSE(GetWorkspace().has_limits());
  EXPECT_TRUE(GetWorkspace().ssh_enabled());
  EXPECT_TRUE(GetWorkspace().has_credential_create_time());
  EXPECT_FALSE(GetWorkspace().has_last_connection_time());
  v1::UpdateWorkspaceRequest request;
  request.mutable_workspace()->set_name("users/demo/workspaces/dev");
  request.mutable_workspace()->mutable_limits()->set_cpu_millis(1500);
  request.mutable_workspace()->mutable_limits()->set_memory_bytes(1 << 30);
  request.mutable_update_mask()->add_paths("limits.cpu_millis");
  v1::Workspace changed = world_.Admin(&AdminStub::UpdateWorkspace, request, demo_);
  EXPECT_EQ(changed.limits().cpu_millis(), 1500);
  EXPECT_EQ(changed.limits().memory_bytes(), 0);
  EXPECT_EQ(world_.Audit("workspace.update")[0].detail(),
            R"({"limits.cpu_millis":{"old":0,"new":1500}})");
  request.mutable_workspace()->mutable_limits()->set_cpu_millis(-1);
  const absl::Status status = world_.Try(&AdminStub::UpdateWorkspace, request, demo_);
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("workspace.limits.cpu_millis"));

  v1::UpdateProviderRequest off = ProviderChange({"features.external_connect"});
  off.mutable_provider()->mutable_features()->set_external_connect(false);
  world_.Admin(&AdminStub::UpdateProvider, off);
  EXPECT_FALSE(GetWorkspace(demo_).ssh_enabled());
  v1::ListWorkspacesRequest list;
  list.set_parent("users/demo");
  EXPECT_FALSE(world_.Admin(&AdminStub::ListWorkspaces, list, demo_).workspaces(0).ssh_enabled());
}

TEST_F(PlacesTest, ARotatedCredentialReplacesTheOldOneAtOnce) {
  const std::string old = world_.MakeWorkspace("demo", "dev").credential();
  auto agent = ConnectAgent(old);
  const v1::Workspace rotated =
      world_.Admin(&AdminStub::RotateCredential, Rotation(absl::ZeroDuration()));
  EXPECT_TRUE(rotated.has_effect());
  const absl::Status status = agent->Finish();
  EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
  EXPECT_TRUE(absl::IsUnauthenticated(world_.OpenAgent(old)->Finish()));
  ConnectAgent(rotated.credential());
  EXPECT_EQ(world_.Audit("workspace.rotate_credential")[0].detail(), R"({"old_valid_for":"0"})");
}

TEST_F(PlacesTest, AnOldCredentialMayWorkForAWhile) {
  const std::string old = world_.MakeWorkspace("demo", "dev").credential();
  auto agent = ConnectAgent(old);
  const v1::Workspace rotated =
      world_.Admin(&AdminStub::RotateCredential, Rotation(absl::Hours(24)));
  EXPECT_TRUE(GetWorkspace().online()) << "nobody is disconnected";
  ConnectAgent(old);
  ConnectAgent(rotated.credential());
  for (const absl::Duration bad : {absl::Hours(25), -absl::Seconds(1)}) {
    EXPECT_TRUE(absl::IsInvalidArgument(world_.Try(&AdminStub::RotateCredential, Rotation(bad))));
  }
  const v1::Workspace shorter =
      world_.Admin(&AdminStub::RotateCredential, Rotation(absl::Milliseconds(1)));
  AwaitWorthless(old);
  ConnectAgent(shorter.credential());
}

TEST_F(PlacesTest, AnAgentGoesWithItsOldCredential) {
  const std::string old = world_.MakeWorkspace("demo", "dev").credential();
  auto agent = ConnectAgent(old);
  const v1::Workspace rotated =
      world_.Admin(&AdminStub::RotateCredential, Rotation(absl::Milliseconds(200)));
  AwaitWorthless(old);
  world_.coordinator().Housekeep();
  const absl::Status status = agent->Finish();
  EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
  auto newer = ConnectAgent(rotated.credential());
  EXPECT_TRUE(GetWorkspace().online());
}

TEST_F(PlacesTest, ARevokedCredentialLeavesNobody) {
  const std::string credential = world_.MakeWorkspace("demo", "dev").credential();
  auto agent = ConnectAgent(credential);
  v1::RevokeCredentialRequest request;
  request.set_name("users/demo/workspaces/dev");
  EXPECT_FALSE(world_.Admin(&AdminStub::RevokeCredential, request).has_credential_create_time());
  EXPECT_TRUE(absl::IsUnauthenticated(agent->Finish()));
  EXPECT_TRUE(absl::IsUnauthenticated(world_.OpenAgent(credential)->Finish()));
  EXPECT_EQ(world_.Audit("workspace.revoke_credential").size(), 1u);
  ConnectAgent(
      world_.Admin(&AdminStub::RotateCredential, Rotation(absl::ZeroDuration())).credential());
  request.set_name("users/demo/workspaces/none");
  EXPECT_TRUE(absl::IsNotFound(world_.Try(&AdminStub::RevokeCredential, request)));
}

TEST_F(PlacesTest, TheFrontDoorSaysWhereItIs) {
  const v1::FrontDoor door =
      world_.Admin(&AdminStub::GetFrontDoor, v1::GetFrontDoorRequest(), demo_);
  EXPECT_EQ(door.address(), "ssh.example:22");
  EXPECT_EQ(door.host_public_keys_size(), 1);
}

TEST_F(PlacesTest, SettingsHaveRules) {
  v1::Settings settings = world_.Admin(&AdminStub::GetSettings, v1::GetSettingsRequest());
  EXPECT_EQ(settings.key_algorithm(), v1::KEY_ALGORITHM_ED25519);
  EXPECT_TRUE(settings.private_key_download());
  EXPECT_FALSE(settings.has_audit_retention());
  EXPECT_EQ(settings.sign_in_lifetime().seconds(), 12 * 3600);
  const auto update = [&](const char* path, const auto& change) {
    v1::UpdateSettingsRequest request;
    change(*request.mutable_settings());
    request.mutable_update_mask()->add_paths(path);
    return world_.Try(&AdminStub::UpdateSettings, request);
  };
  for (const int64_t seconds : {int64_t{0}, int64_t{86399}, int64_t{1} << 62}) {
    EXPECT_TRUE(absl::IsInvalidArgument(update("audit_retention", [&](v1::Settings& wanted) {
      wanted.mutable_audit_retention()->set_seconds(seconds);
    })));
  }
  for (const int64_t seconds : {0, 299, 30 * 86400 + 1}) {
    EXPECT_TRUE(absl::IsInvalidArgument(update("sign_in_lifetime", [&](v1::Settings& wanted) {
      wanted.mutable_sign_in_lifetime()->set_seconds(seconds);
    })));
  }
  EXPECT_TRUE(absl::IsInvalidArgument(update("key_algorithm", [](v1::Settings&) {})));
  EXPECT_TRUE(update("audit_retention", [](v1::Settings& wanted) {
                wanted.mutable_audit_retention()->set_seconds(86400);
              }).ok());
  settings.mutable_audit_retention()->set_seconds(86400);
  EXPECT_EQ(world_.Admin(&AdminStub::GetSettings, v1::GetSettingsRequest()).DebugString(),
            settings.DebugString());
  EXPECT_EQ(world_.Audit("settings.update")[0].detail(),
            R"({"audit_retention":{"old":"for ever","new":"24h"}})");
  EXPECT_TRUE(update("audit_retention", [](v1::Settings&) {}).ok());
  EXPECT_FALSE(
      world_.Admin(&AdminStub::GetSettings, v1::GetSettingsRequest()).has_audit_retention());
}

}  // namespace
}  // namespace homeport
