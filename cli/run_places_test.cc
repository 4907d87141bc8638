// Whole command lines about providers and workspaces.
#include <string>
#include <vector>

#include "base/ssh_wire.h"
#include "cli/run_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(RunTest, AWorkspaceWithoutAnOwnerIsTheCallers) {
  ASSERT_EQ(Run({"workspaces", "create", "dev", "--provider", "local"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("s3cret"));
  EXPECT_THAT(err_, HasSubstr("only this once"));
  ASSERT_EQ(world_.workspaces.count("users/demo/workspaces/dev"), 1u);
  EXPECT_EQ(world_.workspaces["users/demo/workspaces/dev"].provider(), "providers/local");
  for (const char* name : {"dev", "demo/dev", "users/demo/workspaces/dev"}) {
    EXPECT_EQ(Run({"workspaces", "get", name}), 0) << err_;
    EXPECT_THAT(out_, HasSubstr("dev")) << name;
  }
  EXPECT_EQ(Run({"workspaces", "get", "other/dev"}), 2);
  EXPECT_EQ(Run({"workspaces", "delete", "dev", "--owner", "demo"}), 0) << err_;
  EXPECT_TRUE(world_.workspaces.empty());
}

TEST_F(RunTest, AnUpdateNamesWhatTheCommandLineNames) {
  const std::string name = "users/demo/workspaces/dev";
  world_.workspaces[name].set_name(name);
  ASSERT_EQ(Run({"workspaces", "update", "dev", "--image-uri", "base:ubuntu", "--image-tag", "",
                 "--backend", "openssh"}),
            0)
      << err_;
  const v1::UpdateWorkspaceRequest first = world_.workspace_update;
  EXPECT_EQ(first.workspace().name(), name);
  EXPECT_EQ(first.workspace().image().uri(), "base:ubuntu");
  EXPECT_EQ(first.workspace().image().tag(), "");
  EXPECT_EQ(first.workspace().pinned_backend(), v1::BACKEND_KIND_OPENSSH);
  EXPECT_THAT(first.update_mask().paths(),
              ::testing::UnorderedElementsAre("image.uri", "image.tag", "pinned_backend"));
  ASSERT_EQ(Run({"workspaces", "update", "demo/dev", "--backend", "auto", "--image-digest", "d",
                 "--gallery-item-url", "i", "--gallery-service-url", "s", "--base-path", "/p",
                 "--service-account", "ws-dev"}),
            0)
      << err_;
  const v1::UpdateWorkspaceRequest second = world_.workspace_update;
  EXPECT_EQ(second.workspace().pinned_backend(), v1::BACKEND_KIND_UNSPECIFIED);
  EXPECT_EQ(second.workspace().image().digest(), "d");
  EXPECT_EQ(second.workspace().gallery().item_url(), "i");
  EXPECT_EQ(second.workspace().gallery().service_url(), "s");
  EXPECT_EQ(second.workspace().base_path(), "/p");
  EXPECT_EQ(second.workspace().service_account(), "ws-dev");
  EXPECT_EQ(second.update_mask().paths_size(), 6);

  world_.providers["providers/local"].set_name("providers/local");
  ASSERT_EQ(Run({"providers", "update", "local", "--key-socket", "off"}), 0) << err_;
  EXPECT_TRUE(world_.provider_update.provider().features().has_key_socket());
  EXPECT_FALSE(world_.provider_update.provider().features().key_socket());
  EXPECT_THAT(world_.provider_update.update_mask().paths(),
              ::testing::ElementsAre("features.key_socket"));
  ASSERT_EQ(Run({"providers", "create", "closed", "--key-socket", "off"}), 0) << err_;
  EXPECT_THAT(out_, ::testing::ContainsRegex("key socket +off"));
  ASSERT_EQ(Run({"providers", "create", "usual"}), 0) << err_;
  EXPECT_FALSE(world_.providers["providers/usual"].features().has_key_socket());
}

TEST_F(RunTest, AWorkspaceCanBeMadeWithAllThatItIs) {
  ASSERT_EQ(Run({"workspaces", "create", "dev", "--provider", "local", "--image-uri", "base",
                 "--backend", "embedded"}),
            0)
      << err_;
  const v1::Workspace& made = world_.workspaces["users/demo/workspaces/dev"];
  EXPECT_EQ(made.image().uri(), "base");
  EXPECT_EQ(made.pinned_backend(), v1::BACKEND_KIND_EMBEDDED);
}

TEST_F(RunTest, AnAgentsStatusIsATable) {
  v1::Workspace& workspace = world_.workspaces["users/demo/workspaces/dev"];
  workspace.set_name("users/demo/workspaces/dev");
  workspace.set_provider("providers/local");
  workspace.set_online(true);
  workspace.mutable_image()->set_uri("base:ubuntu");
  workspace.set_pinned_backend(v1::BACKEND_KIND_EMBEDDED);
  workspace.mutable_agent()->set_version("1.2.3");
  v1::AgentStatus& status = *workspace.mutable_agent()->mutable_status();
  v1::Backend& backend = *status.add_backends();
  backend.set_kind(v1::BACKEND_KIND_EMBEDDED);
  backend.add_host_keys(WireWriter().String("ssh-ed25519").String("key").bytes());
  status.set_openssh_passed_over("What listens there is no SSH server.");
  v1::ManagedFile& keys = *status.add_files();
  keys.set_path("/home/coder/.ssh/authorized_keys");
  keys.set_current(true);
  v1::ManagedFile& environment = *status.add_files();
  environment.set_path("/home/coder/.ssh/environment");
  environment.set_error("The disk is full.");
  environment.add_left_out("PS1");
  environment.add_left_out("MOTD");
  status.mutable_key_socket()->set_path("/home/coder/.coder-ssh-agent.sock");
  status.mutable_limits()->set_cpu_millis(1500);
  status.mutable_limits()->set_memory_bytes(int64_t{5} << 29);
  status.set_last_error("Something\x1b broke.");
  status.mutable_last_error_time()->set_seconds(1700000000);
  v1::HostKeyChange& change = *workspace.mutable_host_key_change();
  change.mutable_time()->set_seconds(1700000000);
  change.add_old_keys("ssh-ed25519 SHA256:old");
  change.add_new_keys("ssh-ed25519 SHA256:new");
  for (const char* command : {"get", "show"}) {
    ASSERT_EQ(Run({"workspaces", command, "dev"}), 0) << err_;
    EXPECT_EQ(
        out_,
        "name                              dev\n"
        "owner                             demo\n"
        "provider                          local\n"
        "image                             base:ubuntu\n"
        "backend                           embedded alone\n"
        "online                            yes\n"
        "ssh                               off: the provider lets nobody in\n"
        "account                           -\n"
        "host                              -\n"
        "agent version                     1.2.3\n"
        "backends                          embedded\n"
        "embedded host key                 ssh-ed25519 "
        "SHA256:eCurkCR82idiIJrpM9vMgbh/DUO9Ybv8Jf+K9GJoQJs\n"
        "openssh passed over               What listens there is no SSH server.\n"
        "/home/coder/.ssh/authorized_keys  current\n"
        "/home/coder/.ssh/environment      not current: The disk is full.; left out: PS1, MOTD\n"
        "key socket                        /home/coder/.coder-ssh-agent.sock\n"
        "CPU limit                         1.50 CPUs\n"
        "memory limit                      2.50 GiB\n"
        "last error                        2023-11-14 22:13:20Z: Something\\u{1b} broke.\n"
        "openssh host keys                 changed 2023-11-14 22:13:20Z: was ssh-ed25519 "
        "SHA256:old\n");
  }
  status.mutable_limits()->Clear();
  status.mutable_key_socket()->Clear();
  ASSERT_EQ(Run({"workspaces", "show", "dev"}), 0) << err_;
  EXPECT_THAT(out_, ::testing::ContainsRegex("CPU limit +none\n"));
  EXPECT_THAT(out_, ::testing::ContainsRegex("memory limit +none\n"));
  EXPECT_THAT(out_, ::testing::ContainsRegex("key socket +off\n"));
  ASSERT_EQ(Run({"workspaces", "show", "dev", "--output", "json"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("\"left_out\""));
  EXPECT_THAT(out_, HasSubstr("SHA256:old"));
}

TEST_F(RunTest, AListIsOfAllThatTheCallerMaySee) {
  world_.workspaces["users/demo/workspaces/dev"].set_name("users/demo/workspaces/dev");
  world_.workspaces["users/other/workspaces/lab"].set_name("users/other/workspaces/lab");
  ASSERT_EQ(Run({"workspaces", "list"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("dev"));
  EXPECT_THAT(out_, Not(HasSubstr("lab")));
  world_.users["users/demo"].add_roles(v1::ROLE_SITE_MANAGER);
  ASSERT_EQ(Run({"workspaces", "list"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("lab"));
  ASSERT_EQ(Run({"workspaces", "list", "--owner", "other"}), 0) << err_;
  EXPECT_THAT(out_, Not(HasSubstr("dev")));
}

TEST_F(RunTest, ACredentialForAFileIsInTheFileAlone) {
  const std::string file = Path("credential");
  const std::vector<std::string> command = {"workspaces", "create",   "demo/dev",
                                            "--provider", "local",    "--credential-file",
                                            file,         "--output", "json"};
  ASSERT_EQ(Run(command), 0) << err_;
  EXPECT_EQ(Read(file), "s3cret\n");
  EXPECT_THAT(out_, Not(HasSubstr("s3cret")));
  EXPECT_EQ(err_, "");
  EXPECT_EQ(Mode(file), 0600u);
}

TEST_F(RunTest, ASecretThatCouldNotBeKeptIsNotAskedFor) {
  const std::string file = Path("none/file");
  EXPECT_EQ(Run({"workspaces", "create", "dev", "--provider", "local", "--credential-file", file}),
            1);
  EXPECT_TRUE(world_.workspaces.empty());
  EXPECT_EQ(Run({"users", "create", "new", "--email", "n@example.com", "--token-file-out", file}),
            1);
  EXPECT_EQ(world_.users.count("users/new"), 0u);
}

TEST_F(RunTest, AllSwitchesOfAProviderHaveAnOption) {
  world_.providers["providers/local"].set_name("providers/local");
  world_.effect.set_ended_sessions(3);
  ASSERT_EQ(Run({"providers", "update", "local", "--external-connect", "off", "--port-forwarding",
                 "on", "--file-transfer", "off", "--agent-forwarding", "on", "--x11-forwarding",
                 "off", "--key-socket", "on", "--kind", "other", "--namespace", "lab"}),
            0)
      << err_;
  const v1::Provider& provider = world_.provider_update.provider();
  EXPECT_FALSE(provider.features().external_connect());
  EXPECT_TRUE(provider.features().port_forwarding());
  EXPECT_FALSE(provider.features().file_transfer());
  EXPECT_TRUE(provider.features().agent_forwarding());
  EXPECT_FALSE(provider.features().x11_forwarding());
  EXPECT_TRUE(provider.features().key_socket());
  EXPECT_EQ(provider.kind(), v1::PROVIDER_KIND_OTHER);
  EXPECT_EQ(provider.namespace_(), "lab");
  EXPECT_EQ(world_.provider_update.update_mask().paths_size(), 8);
  EXPECT_THAT(out_, HasSubstr("3 sessions ended.\n"));
  EXPECT_EQ(err_, "");
}

TEST_F(RunTest, WhoHasNotActedYetIsARemark) {
  AddWorkspace("dev");
  world_.effect.set_ended_sessions(1);
  v1::Laggard& laggard = *world_.effect.add_laggards();
  laggard.set_name("proxies/\x1b[2Jone");
  laggard.set_reason("It did not answer.");
  ASSERT_EQ(Run({"workspaces", "revoke-credential", "dev"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("1 session ended.\n"));
  EXPECT_EQ(err_,
            "homeport: proxies/\\u{1b}[2Jone has not acted on this yet: It did not answer.\n");
  EXPECT_EQ(Run({"workspaces", "revoke-credential", "dev", "--require-all"}), 1);
  ASSERT_EQ(Run({"workspaces", "delete", "dev", "--output", "json"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("\"ended_sessions\": 1"));
  EXPECT_THAT(out_, HasSubstr("\"deleted\""));
  EXPECT_THAT(out_, Not(HasSubstr("session ended")));
}

TEST_F(RunTest, LimitsAreAmountsOrNone) {
  AddWorkspace("dev");
  ASSERT_EQ(Run({"workspaces", "update", "dev", "--cpu-limit", "1.5", "--memory-limit", "4Gi"}), 0)
      << err_;
  EXPECT_EQ(world_.workspace_update.workspace().limits().cpu_millis(), 1500);
  EXPECT_EQ(world_.workspace_update.workspace().limits().memory_bytes(), int64_t{4} << 30);
  EXPECT_THAT(world_.workspace_update.update_mask().paths(),
              ::testing::UnorderedElementsAre("limits.cpu_millis", "limits.memory_bytes"));
  ASSERT_EQ(Run({"workspaces", "update", "dev", "--cpu-limit", "none"}), 0) << err_;
  EXPECT_EQ(world_.workspace_update.workspace().limits().cpu_millis(), 0);
}

TEST_F(RunTest, ACredentialCanBeReplaced) {
  AddWorkspace("dev");
  const std::string file = Path("credential");
  ASSERT_EQ(Run({"workspaces", "rotate-credential", "dev", "--keep-old", "1h", "--credential-file",
                 file}),
            0)
      << err_;
  EXPECT_EQ(Read(file), "s3cret\n");
  EXPECT_THAT(out_, Not(HasSubstr("s3cret")));
  EXPECT_EQ(world_.rotation.old_valid_for().seconds(), 3600);
  ASSERT_EQ(Run({"workspaces", "rotate-credential", "dev"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("s3cret"));
  EXPECT_FALSE(world_.rotation.has_old_valid_for());
}

}  // namespace
}  // namespace homeport
