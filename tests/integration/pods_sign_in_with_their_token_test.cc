// A workspace's pod needs no secret of Homeport's: its agent shows the token that the kubelet keeps
// fresh. When the pod is gone, so is its agent.
#include <filesystem>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "coordinator/identity/fake_kubernetes.h"
#include "gmock/gmock.h"
#include "tests/integration/wait_for.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

using ::testing::HasSubstr;

const PodIdentity kPod{"team-a", "ws-pod", "pod-0", "0b7e-uid"};
const PodIdentity kProxy{"homeport", "sshproxy", "sshproxy-0", "proxy-uid"};

class PodsSignIn : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(world_.Path("kubernetes"));
    const KubernetesApi::Options api = kubernetes_.ApiOptions(world_.Path("kubernetes"));
    world_.coordinator_flags = {
        absl::StrCat("--kubernetes_tokens=", GetParam()),
        "--kubernetes_api=" + api.url,
        "--kubernetes_ca=" + api.ca_file,
        "--kubernetes_token_file=" + api.token_file,
        "--kubernetes_recheck=1s",
        "--kubernetes_proxy_service_account=homeport/sshproxy",
    };
    kubernetes_.PutPod(kPod, "demo", "pod");
    kubernetes_.PutPod(kProxy, "", "");
    world_.Start();
    Homeport({"providers", "create", "cluster", "--kind", "kubernetes", "--namespace", "team-a"});
    Homeport({"workspaces", "create", "demo/pod", "--provider", "cluster", "--service-account",
              "ws-pod"});
  }

  void Homeport(const Words& words) {
    const Result result = world_.Homeport(words);
    ASSERT_EQ(result.status, 0) << result.err;
  }
  // As the kubelet does it: a folder for each version, and a link that is exchanged.
  void PutToken(const std::string& file, const std::string& token) {
    const std::string volume = file + ".volume";
    const std::string version = absl::StrCat("..", ++versions_);
    std::filesystem::create_directories(volume + "/" + version);
    ASSERT_TRUE(WriteFileAtomically(volume + "/" + version + "/token", token, 0600).ok());
    std::filesystem::create_directory_symlink(version, volume + "/..data_tmp");
    std::filesystem::rename(volume + "/..data_tmp", volume + "/..data");
    if (std::filesystem::is_symlink(file)) return;
    std::filesystem::remove(file);
    std::filesystem::create_symlink(volume + "/..data/token", file);
  }
  Result Ssh(const std::string& command) { return world_.Ssh({"-l", "pod", "dev", command}); }

  FakeKubernetes kubernetes_;
  World world_;
  int versions_ = 0;
};

TEST_P(PodsSignIn, AndComeBackWithAFreshOne) {
  const std::string file = world_.CredentialFile("pod");
  PutToken(file, kubernetes_.Issue(kPod));
  world_.StartAgent("pod");
  ASSERT_TRUE(world_.WaitForAgent("pod"));
  EXPECT_EQ(Ssh("echo in").out, "in\n");
  const Result shown = world_.Homeport({"workspaces", "show", "demo/pod"});
  EXPECT_THAT(shown.out, HasSubstr("ws-pod"));

  // That token is worth nothing any more, and the stream goes on. When the agent has to come again
  // it reads the new one.
  kubernetes_.RotateKey("second", SigningKey::Kind::kP256);
  PutToken(file, kubernetes_.Issue(kPod));
  EXPECT_EQ(Ssh("echo still").out, "still\n");
  world_.coordinator().Terminate();
  world_.Restart("coordinator");
  EXPECT_TRUE(world_.WaitForOnline("demo/pod", true));
  ASSERT_TRUE(WaitFor([&] { return Ssh("echo again").out == "again\n"; }, absl::Seconds(30),
                      "ssh to reach the workspace again"));
}

TEST_P(PodsSignIn, UntilThePodIsGone) {
  PutToken(world_.CredentialFile("pod"), kubernetes_.Issue(kPod));
  world_.StartAgent("pod");
  ASSERT_TRUE(world_.WaitForAgent("pod"));
  EXPECT_EQ(Ssh("echo in").out, "in\n");

  // While the API server is away nobody is put out.
  kubernetes_.Stop();
  const std::string unavailable = "homeport_coordinator_pod_checks_total{result=\"unavailable\"}";
  ASSERT_TRUE(
      WaitFor([&] { return world_.Metric(world_.address("coordinator_ops"), unavailable) >= 1; },
              absl::Seconds(20), "the coordinator to look after the pod"));
  EXPECT_EQ(Ssh("echo still").out, "still\n");
  kubernetes_.Start();

  kubernetes_.DeletePod(kPod);
  EXPECT_TRUE(world_.WaitForOnline("demo/pod", false));
  EXPECT_EQ(Ssh("echo never").status, 255);
  EXPECT_TRUE(WaitFor(
      [&] { return absl::StrContains(world_.AgentStatus("pod"), "refuses the credential"); },
      absl::Seconds(20), "the agent to say why it is not let in"));
  EXPECT_THAT(world_.coordinator().Log(), HasSubstr("there is no such pod"));
}

TEST_P(PodsSignIn, AndSoDoesTheProxy) {
  const std::string file = world_.state_folder + "/proxy-credential";
  PutToken(file, kubernetes_.Issue(kProxy));
  world_.sshproxy().Terminate();
  world_.Restart("sshproxy");
  EXPECT_EQ(world_.Ssh({"dev", "echo in"}).out, "in\n");
  EXPECT_EQ(world_.Metric(world_.address("coordinator_ops"),
                          "homeport_coordinator_pod_checks_total{result=\"accepted\"}"),
            1);
}

INSTANTIATE_TEST_SUITE_P(Both, PodsSignIn, testing::Values("review", "keys"),
                         [](const auto& it) { return std::string(it.param); });

}  // namespace
}  // namespace homeport::story
