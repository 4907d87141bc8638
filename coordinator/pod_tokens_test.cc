// Pods that sign in with their service-account token, over real streams and with an API server.
#include <memory>
#include <string>
#include <utility>

#include "coordinator/identity/fake_kubernetes.h"
#include "coordinator/keys/ed25519_key_pair.h"
#include "coordinator/test_world.h"
#include "gmock/gmock.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;

const PodIdentity kPod{"team-a", "ws-dev", "dev-0", "0b7e-uid"};
const PodIdentity kProxy{"homeport", "sshproxy", "sshproxy-0", "proxy-uid"};

class PodTokensTest : public ::testing::Test {
 protected:
  PodTokensTest()
      : world_([this](CoordinatorOptions& options) {
          options.kubernetes.tokens = KubernetesOptions::Tokens::kReview;
          options.kubernetes.api = kubernetes_.ApiOptions(testing::TempDir());
          options.kubernetes.proxy_service_account = "homeport/sshproxy";
          options.kubernetes.recheck = absl::Milliseconds(1);
        }) {
    v1::CreateProviderRequest provider;
    provider.set_provider_id("local");
    provider.mutable_provider()->set_kind(v1::PROVIDER_KIND_KUBERNETES);
    provider.mutable_provider()->set_namespace_("team-a");
    world_.Admin(&v1::AdminService::Stub::CreateProvider, provider);
    world_.MakeUser("demo");
    dev_ = world_.MakeWorkspace("demo", "dev");
    kubernetes_.PutPod(kPod, "demo", "dev");
    kubernetes_.PutPod(kProxy, "", "");
  }

  v1::Workspace Bind(const std::string& account) {
    v1::UpdateWorkspaceRequest request;
    request.mutable_workspace()->set_name(dev_.name());
    request.mutable_workspace()->set_service_account(account);
    request.mutable_update_mask()->add_paths("service_account");
    return world_.Admin(&v1::AdminService::Stub::UpdateWorkspace, request);
  }
  std::unique_ptr<TestAgent> ConnectAgent(const std::string& token) {
    auto agent = world_.OpenAgent(token);
    v1::ConnectAgentRequest hello;
    hello.mutable_hello()->set_os_user("coder");
    v1::Backend* backend = hello.mutable_hello()->mutable_status()->add_backends();
    backend->set_kind(v1::BACKEND_KIND_EMBEDDED);
    backend->add_host_keys(Ed25519KeyPair::Generate().PublicKeyBlob());
    EXPECT_TRUE(agent->Write(hello));
    const v1::ConnectAgentResponse welcome = agent->Read();
    EXPECT_EQ(welcome.welcome().workspace(), dev_.name());
    return agent;
  }
  absl::Status Refusal(const std::string& token) { return world_.OpenAgent(token)->Finish(); }
  absl::Status Sign(const std::string& token) {
    v1::SignForWorkspaceRequest request;
    request.set_public_key("no key");
    v1::SignForWorkspaceResponse response;
    return world_.Call(world_.agent(), &v1::AgentService::Stub::SignForWorkspace, token, request,
                       response);
  }
  bool IsOnline() {
    v1::GetWorkspaceRequest request;
    request.set_name(dev_.name());
    return world_.Admin(&v1::AdminService::Stub::GetWorkspace, request).online();
  }

  FakeKubernetes kubernetes_;
  TestWorld world_;
  v1::Workspace dev_;
};

TEST_F(PodTokensTest, AnAgentIsTheWorkspaceThatItsAccountIsBoundTo) {
  const std::string token = kubernetes_.Issue(kPod);
  const absl::Status unbound = Refusal(token);
  EXPECT_TRUE(absl::IsUnauthenticated(unbound)) << unbound;
  EXPECT_THAT(unbound.message(), HasSubstr("the coordinator's log says"));

  EXPECT_EQ(Bind("ws-dev").service_account(), "ws-dev");
  const auto agent = ConnectAgent(kubernetes_.Issue(kPod, absl::Now() - absl::Seconds(5)));
  EXPECT_TRUE(IsOnline());
  // Its credential of Homeport's is as good as ever; the newest stream wins.
  const auto other = ConnectAgent(dev_.credential());
  EXPECT_TRUE(absl::IsAborted(agent->Finish()));
}

TEST_F(PodTokensTest, TheKeySocketAsksOnceForMany) {
  Bind("ws-dev");
  const std::string token = kubernetes_.Issue(kPod);
  const auto agent = ConnectAgent(token);
  const int looks = kubernetes_.pod_looks();
  for (int i = 0; i < 20; ++i) {
    const absl::Status status = Sign(token);
    EXPECT_FALSE(absl::IsUnauthenticated(status) || absl::IsUnavailable(status)) << status;
  }
  EXPECT_EQ(kubernetes_.pod_looks(), looks);
  EXPECT_TRUE(absl::IsUnauthenticated(Sign("eyJ.eyJ.AAAA")));
}

TEST_F(PodTokensTest, APodThatIsGoneIsCutOff) {
  Bind("ws-dev");
  const auto agent = ConnectAgent(kubernetes_.Issue(kPod));
  kubernetes_.Stop();
  world_.coordinator().Housekeep();
  EXPECT_TRUE(IsOnline()) << "nobody can say";
  kubernetes_.Start();
  kubernetes_.DeletePod(kPod);
  world_.coordinator().Housekeep();
  // The look that failed may still have been under way.
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  while (kubernetes_.pod_looks() < 2 && absl::Now() < deadline) world_.coordinator().Housekeep();
  const absl::Status ended = agent->Finish();
  EXPECT_TRUE(absl::IsUnauthenticated(ended)) << ended;
  EXPECT_THAT(ended.message(), HasSubstr("pod is gone"));
  // The agent may hear of it before the coordinator has done with the stream.
  while (IsOnline() && absl::Now() < deadline) {
  }
  EXPECT_FALSE(IsOnline());
}

TEST_F(PodTokensTest, UnbindingEndsTheStreamAndRevokingUnbinds) {
  Bind("ws-dev");
  auto agent = ConnectAgent(kubernetes_.Issue(kPod));
  Bind("ws-other");
  EXPECT_TRUE(absl::IsUnauthenticated(agent->Finish()));

  Bind("ws-dev");
  agent = ConnectAgent(kubernetes_.Issue(kPod, absl::Now() - absl::Seconds(20)));
  v1::RevokeCredentialRequest revoke;
  revoke.set_name(dev_.name());
  EXPECT_EQ(world_.Admin(&v1::AdminService::Stub::RevokeCredential, revoke).service_account(), "");
  EXPECT_TRUE(absl::IsUnauthenticated(agent->Finish()));
  EXPECT_TRUE(
      absl::IsUnauthenticated(Refusal(kubernetes_.Issue(kPod, absl::Now() - absl::Seconds(30)))));
}

TEST_F(PodTokensTest, BindingPutsNobodyOut) {
  const auto agent = ConnectAgent(dev_.credential());
  Bind("ws-dev");
  EXPECT_TRUE(IsOnline());
}

TEST_F(PodTokensTest, AProxyMayShowATokenToo) {
  const auto proxy = world_.OpenProxy(kubernetes_.Issue(kProxy));
  v1::ConnectProxyRequest hello;
  hello.mutable_hello()->set_replica("r1");
  EXPECT_TRUE(proxy->Write(hello));
  EXPECT_TRUE(proxy->Read().has_welcome());
  Bind("ws-dev");
  EXPECT_TRUE(absl::IsUnauthenticated(world_.OpenProxy(kubernetes_.Issue(kPod))->Finish()))
      << "a workspace is no proxy";
  EXPECT_TRUE(
      absl::IsUnauthenticated(Refusal(kubernetes_.Issue(kProxy, absl::Now() - absl::Seconds(5)))))
      << "nor a proxy a workspace";
}

TEST_F(PodTokensTest, ServiceAccountsHaveNames) {
  v1::UpdateWorkspaceRequest request;
  request.mutable_workspace()->set_name(dev_.name());
  request.mutable_workspace()->set_service_account("a/b");
  request.mutable_update_mask()->add_paths("service_account");
  EXPECT_TRUE(
      absl::IsInvalidArgument(world_.Try(&v1::AdminService::Stub::UpdateWorkspace, request)));
  Bind("ws-dev");
  EXPECT_THAT(world_.Audit("workspace.update").at(0).detail(),
              HasSubstr("\"service_account\":{\"old\":\"\",\"new\":\"ws-dev\"}"));
  v1::CreateWorkspaceRequest create;
  create.set_parent("users/demo");
  create.set_workspace_id("bound");
  create.mutable_workspace()->set_provider("providers/local");
  create.mutable_workspace()->set_service_account("ws-bound");
  EXPECT_EQ(world_.Admin(&v1::AdminService::Stub::CreateWorkspace, create).service_account(),
            "ws-bound");
  EXPECT_THAT(world_.Audit("workspace.create").at(0).detail(),
              HasSubstr("\"service_account\":\"ws-bound\""));
}

}  // namespace
}  // namespace homeport
