// What the coordinator tells an agent about its workspace, and what it remembers of it; over a real
// server.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "base/key_fingerprint.h"
#include "base/ssh_wire.h"
#include "coordinator/keys/ed25519_key_pair.h"
#include "coordinator/test_world.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using AdminStub = v1::AdminService::Stub;

std::string NewKey() { return Ed25519KeyPair::Generate().PublicKeyBlob(); }

class WorkspaceSettingsTest : public ::testing::Test {
 protected:
  WorkspaceSettingsTest() {
    world_.MakeProvider();
    demo_ = world_.MakeUser("demo");
    dev_ = world_.MakeWorkspace("demo", "dev");
  }

  // Says hello with these keys of OpenSSH (none: no OpenSSH) and reads the welcome.
  std::unique_ptr<TestAgent> ConnectAgent(const std::vector<std::string>& openssh_keys = {},
                                          bool embedded = true) {
    auto agent = world_.OpenAgent(dev_.credential());
    v1::ConnectAgentRequest hello;
    hello.mutable_hello()->set_os_user("coder");
    *hello.mutable_hello()->mutable_status() = Status(openssh_keys, embedded);
    EXPECT_TRUE(agent->Write(hello));
    welcome_ = agent->Read().welcome();
    return agent;
  }
  v1::AgentStatus Status(const std::vector<std::string>& openssh_keys, bool embedded = true) const {
    v1::AgentStatus status;
    if (embedded) {
      v1::Backend* backend = status.add_backends();
      backend->set_kind(v1::BACKEND_KIND_EMBEDDED);
      backend->add_host_keys(host_key_);
    }
    if (openssh_keys.empty()) return status;
    v1::Backend* backend = status.add_backends();
    backend->set_kind(v1::BACKEND_KIND_OPENSSH);
    for (const std::string& key : openssh_keys) backend->add_host_keys(key);
    return status;
  }

  absl::Status Update(const v1::Workspace& values, const std::vector<std::string>& paths,
                      const std::string& token) {
    v1::UpdateWorkspaceRequest request;
    *request.mutable_workspace() = values;
    if (values.name().empty()) request.mutable_workspace()->set_name(dev_.name());
    for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
    v1::Workspace response;
    return world_.Call(world_.admin(), &AdminStub::UpdateWorkspace, token, request, response);
  }
  absl::Status SetKeySocket(bool on) {
    v1::UpdateProviderRequest request;
    request.mutable_provider()->set_name("providers/local");
    request.mutable_provider()->mutable_features()->set_key_socket(on);
    request.mutable_update_mask()->add_paths("features");
    v1::Provider response;
    const absl::Status status = world_.Call(world_.admin(), &AdminStub::UpdateProvider,
                                            world_.admin_token(), request, response);
    EXPECT_TRUE(!status.ok() || response.features().key_socket() == on);
    return status;
  }
  void Pin(v1::BackendKind kind) {
    v1::Workspace values;
    values.set_pinned_backend(kind);
    const absl::Status status = Update(values, {"pinned_backend"}, demo_.initial_token());
    ASSERT_TRUE(status.ok()) << status;
  }
  v1::Workspace Get() {
    v1::GetWorkspaceRequest request;
    request.set_name(dev_.name());
    v1::Workspace workspace;
    const absl::Status status = world_.Call(world_.admin(), &AdminStub::GetWorkspace,
                                            world_.admin_token(), request, workspace);
    EXPECT_TRUE(status.ok()) << status;
    return workspace;
  }
  std::vector<v1::AuditEntry> Audit(const std::string& action) {
    v1::ListAuditEntriesRequest request;
    request.set_action(action);
    request.set_page_size(1);
    std::vector<v1::AuditEntry> entries;
    do {
      v1::ListAuditEntriesResponse response;
      const absl::Status status = world_.Call(world_.admin(), &AdminStub::ListAuditEntries,
                                              world_.admin_token(), request, response);
      EXPECT_TRUE(status.ok()) << status;
      EXPECT_LE(response.audit_entries_size(), 1);
      for (const v1::AuditEntry& entry : response.audit_entries()) entries.push_back(entry);
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty() && entries.size() < 20);
    return entries;
  }
  // Writes a last message and waits until the coordinator has read all of them.
  static void SayAndLeave(TestAgent& agent, const v1::AgentStatus& status) {
    v1::ConnectAgentRequest message;
    *message.mutable_status() = status;
    EXPECT_TRUE(agent.Write(message));
    message.mutable_hello();  // a second one ends the stream
    EXPECT_TRUE(agent.Write(message));
    EXPECT_TRUE(absl::IsInvalidArgument(agent.Finish()));
  }

  v1::OpenSessionResponse Open() {
    v1::OpenSessionRequest request;
    request.set_login_name("dev");
    request.set_public_key(welcome_.owner_keys().public_keys(0));
    request.set_tunnel_address("127.0.0.1:9");
    request.set_ticket(std::string(32, 't'));
    request.set_replica("r1");
    v1::OpenSessionResponse response;
    const absl::Status status = world_.OpenSession(request, response);
    EXPECT_TRUE(status.ok()) << status;
    return response;
  }

  const std::string host_key_ = NewKey();
  TestWorld world_{[](CoordinatorOptions& options) { options.url = "https://coder.example"; }};
  v1::User demo_;
  v1::Workspace dev_;
  v1::AgentWelcome welcome_;
};

TEST_F(WorkspaceSettingsTest, ComeWithTheWelcomeAndWithEachChange) {
  auto agent = ConnectAgent();
  EXPECT_EQ(welcome_.owner_keys().comment(), "demo@example.com");
  const v1::WorkspaceSettings& first = welcome_.settings();
  EXPECT_NE(first.workspace_id(), "");
  EXPECT_EQ(first.workspace_name(), "dev");
  EXPECT_EQ(first.user_name(), "demo");
  EXPECT_EQ(first.user_email(), "demo@example.com");
  EXPECT_EQ(first.url(), "https://coder.example");
  EXPECT_EQ(first.image_tag(), "");
  EXPECT_EQ(first.pinned_backend(), v1::BACKEND_KIND_UNSPECIFIED);
  EXPECT_TRUE(first.key_socket());

  v1::Workspace values;
  values.mutable_image()->set_uri("base");
  values.mutable_image()->set_tag("latest");
  values.set_base_path("/ide");
  ASSERT_TRUE(Update(values, {"image.tag"}, demo_.initial_token()).ok());
  v1::WorkspaceSettings expected = first;
  expected.set_image_tag("latest");
  EXPECT_EQ(agent->Read().settings().DebugString(), expected.DebugString());

  // What changes nothing is not said again: the next message is about the provider.
  ASSERT_TRUE(Update(values, {"image.tag"}, demo_.initial_token()).ok());
  ASSERT_TRUE(SetKeySocket(false).ok());
  expected.set_key_socket(false);
  EXPECT_EQ(agent->Read().settings().DebugString(), expected.DebugString());

  ASSERT_TRUE(Update(values, {}, world_.admin_token()).ok());
  expected.set_image_uri("base");
  expected.set_base_path("/ide");
  EXPECT_EQ(agent->Read().settings().DebugString(), expected.DebugString());
  auto again = ConnectAgent();
  EXPECT_EQ(welcome_.settings().DebugString(), expected.DebugString());
}

TEST_F(WorkspaceSettingsTest, AnotherProvidersWorkspacesHearNothing) {
  auto agent = ConnectAgent();
  v1::CreateProviderRequest request;
  request.set_provider_id("other");
  request.mutable_provider()->mutable_features()->set_key_socket(false);
  v1::Provider other;
  ASSERT_TRUE(
      world_.Call(world_.admin(), &AdminStub::CreateProvider, world_.admin_token(), request, other)
          .ok());
  EXPECT_FALSE(other.features().key_socket());
  v1::UpdateProviderRequest update;
  *update.mutable_provider() = other;
  update.mutable_provider()->mutable_features()->clear_key_socket();
  ASSERT_TRUE(
      world_.Call(world_.admin(), &AdminStub::UpdateProvider, world_.admin_token(), update, other)
          .ok());
  EXPECT_TRUE(other.features().key_socket()) << "what is not said is on";
  Pin(v1::BACKEND_KIND_EMBEDDED);
  EXPECT_EQ(agent->Read().settings().pinned_backend(), v1::BACKEND_KIND_EMBEDDED);
}

TEST_F(WorkspaceSettingsTest, UpdatesAreTheOwnersAndAreChecked) {
  const std::string eve = world_.MakeUser("eve").initial_token();
  v1::Workspace values;
  EXPECT_TRUE(absl::IsNotFound(Update(values, {"base_path"}, eve)));
  values.set_base_path("relative");
  EXPECT_TRUE(absl::IsInvalidArgument(Update(values, {"base_path"}, demo_.initial_token())));
  const absl::Status path = Update(values, {"agent"}, demo_.initial_token());
  EXPECT_TRUE(absl::IsInvalidArgument(path)) << path;
  EXPECT_THAT(std::string(path.message()), HasSubstr("\"agent\""));
  values.set_name("users/demo/workspaces/none");
  EXPECT_TRUE(absl::IsNotFound(Update(values, {"image"}, demo_.initial_token())));
  EXPECT_EQ(Get().base_path(), "");
}

TEST_F(WorkspaceSettingsTest, TheKeySocketSignsAndIsRecorded) {
  auto agent = ConnectAgent();
  v1::SignForWorkspaceRequest request;
  request.set_public_key(welcome_.owner_keys().public_keys(0));
  request.set_data("data");
  v1::SignForWorkspaceResponse response;
  const auto sign = [&](const std::string& token) {
    return world_.Call(world_.agent(), &v1::AgentService::Stub::SignForWorkspace, token, request,
                       response);
  };
  const absl::Status status = sign(dev_.credential());
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(WireReader(response.signature()).String(), "ssh-ed25519");
  response.Clear();
  ASSERT_TRUE(SetKeySocket(false).ok());
  EXPECT_TRUE(absl::IsPermissionDenied(sign(dev_.credential())));
  EXPECT_TRUE(absl::IsUnauthenticated(sign("")));
  EXPECT_TRUE(absl::IsPermissionDenied(sign(demo_.initial_token())));
  EXPECT_TRUE(absl::IsPermissionDenied(sign(world_.proxy_token())));
  EXPECT_EQ(response.signature(), "");
  const std::vector<v1::AuditEntry> all = Audit("key_socket.");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].action(), "key_socket.refuse");
  EXPECT_EQ(all[1].action(), "key_socket.sign");
  EXPECT_EQ(all[1].actor(), "users/demo/workspaces/dev/agent");
  EXPECT_EQ(all[1].target(), dev_.name());
  EXPECT_THAT(all[1].address(), ::testing::StartsWith("127.0.0.1:"));
  EXPECT_EQ(Audit("key_socket.sign").size(), 1u);
}

TEST_F(WorkspaceSettingsTest, AChangedHostKeyOfOpenSshIsAChange) {
  const std::string first = NewKey(), second = NewKey();
  const std::string rsa = WireWriter().String("ssh-rsa").String("modulus").bytes();
  auto agent = ConnectAgent({first});
  v1::ConnectAgentRequest message;
  *message.mutable_status() = Status({});  // it is gone for a while
  ASSERT_TRUE(agent->Write(message));
  SayAndLeave(*agent, Status({rsa, first}));  // and has one more key
  // Stopping ends what is under way.
  world_.Stop();
  world_.Start();
  EXPECT_FALSE(Get().has_host_key_change());
  SayAndLeave(*ConnectAgent({first}), Status({second}));
  world_.Stop();
  world_.Start();
  const v1::HostKeyChange change = Get().host_key_change();
  EXPECT_THAT(change.old_keys(),
              ::testing::UnorderedElementsAre(DescribeKey(first), DescribeKey(rsa)));
  EXPECT_THAT(change.new_keys(), ElementsAre(DescribeKey(second)));
  EXPECT_GT(change.time().seconds(), 0);
  SayAndLeave(*ConnectAgent({second}), Status({second}));
  world_.Stop();
  world_.Start();
  const std::vector<v1::AuditEntry> entries = Audit("workspace.host_key_changed");
  ASSERT_EQ(entries.size(), 1u) << "a change is one change";
  EXPECT_EQ(entries[0].target(), dev_.name());
  EXPECT_THAT(entries[0].detail(), HasSubstr(KeyFingerprint(first)));
  EXPECT_THAT(entries[0].detail(), HasSubstr(KeyFingerprint(second)));
}

TEST_F(WorkspaceSettingsTest, APinnedEmbeddedServerThatIsNotOfferedIsRefused) {
  auto agent = ConnectAgent({NewKey()}, /*embedded=*/false);
  EXPECT_TRUE(Open().has_granted());
  Pin(v1::BACKEND_KIND_EMBEDDED);
  EXPECT_THAT(Open().refused().message(),
              HasSubstr("The workspace dev is set to the embedded SSH server alone"));
}

TEST_F(WorkspaceSettingsTest, APinnedOpenSshIsLookedForAndNothingElseIsTaken) {
  auto proxy = world_.OpenProxy(world_.proxy_token());
  v1::ConnectProxyRequest proxy_hello;
  proxy_hello.mutable_hello()->set_replica("r1");
  ASSERT_TRUE(proxy->Write(proxy_hello));
  proxy->Read();
  auto agent = ConnectAgent();
  Pin(v1::BACKEND_KIND_OPENSSH);
  EXPECT_EQ(agent->Read().settings().pinned_backend(), v1::BACKEND_KIND_OPENSSH);
  // The agent is asked all the same, because only that makes it look again.
  const v1::OpenSessionResponse opened = Open();
  ASSERT_TRUE(opened.has_granted()) << opened.DebugString();
  EXPECT_EQ(agent->Read().dial().session_id(), opened.granted().session_id());
  v1::SignRequest sign;
  sign.set_session_id(opened.granted().session_id());
  sign.set_backend(v1::BACKEND_KIND_EMBEDDED);
  sign.set_host_key(host_key_);
  v1::SignResponse signature;
  const absl::Status refused = world_.Sign(sign, signature);
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr("another SSH server"));

  v1::ConnectAgentRequest result;
  result.mutable_dial_result()->set_session_id(opened.granted().session_id());
  result.mutable_dial_result()->set_backend(v1::BACKEND_KIND_EMBEDDED);
  ASSERT_TRUE(agent->Write(result));
  EXPECT_THAT(proxy->Read().tunnel_failed().message(),
              HasSubstr("The workspace dev is set to OpenSSH alone"));
}

}  // namespace
}  // namespace homeport
