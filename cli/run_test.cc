// Whole command lines against a coordinator made of maps.
#include "cli/run.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/ssh_wire.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kHostKey[] = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA";

// What the fake coordinator knows; outlives the connections to it.
struct World {
  std::string caller = "users/demo";
  std::map<std::string, v1::User> users;
  std::map<std::string, v1::Provider> providers;
  std::map<std::string, v1::Workspace> workspaces;
  std::vector<v1::AuditEntry> audit;  // the newest first
  v1::ListAuditEntriesRequest audit_request;
  v1::UpdateWorkspaceRequest workspace_update;
  v1::UpdateProviderRequest provider_update;
  AdminApiOptions connected_with;
};

template <typename Resource>
absl::StatusOr<Resource> Find(const std::map<std::string, Resource>& all, const std::string& name) {
  const auto found = all.find(name);
  if (found == all.end()) return absl::NotFoundError(absl::StrCat("there is no ", name));
  return found->second;
}

template <typename Resource>
std::vector<Resource> Values(const std::map<std::string, Resource>& all) {
  std::vector<Resource> values;
  for (const auto& [name, resource] : all) values.push_back(resource);
  return values;
}

template <typename Resource>
absl::Status Erase(std::map<std::string, Resource>& all, const std::string& name) {
  if (all.erase(name) == 1) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat("there is no ", name));
}

class FakeAdminApi : public AdminApi {
 public:
  explicit FakeAdminApi(World& world) : world_(world) {}

  absl::StatusOr<v1::User> GetCaller() override { return Find(world_.users, world_.caller); }
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
  absl::StatusOr<std::vector<v1::User>> ListUsers() override { return Values(world_.users); }
  absl::Status DeleteUser(const std::string& name) override { return Erase(world_.users, name); }
  absl::StatusOr<std::string> DownloadPrivateKey(const std::string& user_name) override {
    return absl::StrCat("-----BEGIN of ", user_name, "-----\n");
  }
  absl::StatusOr<v1::Provider> CreateProvider(const v1::CreateProviderRequest& request) override {
    v1::Provider provider = request.provider();
    provider.set_name("providers/" + request.provider_id());
    return world_.providers[provider.name()] = provider;
  }
  absl::StatusOr<v1::Provider> GetProvider(const std::string& name) override {
    return Find(world_.providers, name);
  }
  absl::StatusOr<std::vector<v1::Provider>> ListProviders() override {
    return Values(world_.providers);
  }
  absl::StatusOr<v1::Provider> UpdateProvider(const v1::UpdateProviderRequest& request) override {
    world_.provider_update = request;
    return Find(world_.providers, request.provider().name());
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
    std::vector<v1::Workspace> matching;
    for (const auto& [name, workspace] : world_.workspaces) {
      if (name.rfind(parent, 0) == 0) matching.push_back(workspace);
    }
    return matching;
  }
  absl::StatusOr<v1::Workspace> UpdateWorkspace(
      const v1::UpdateWorkspaceRequest& request) override {
    world_.workspace_update = request;
    return Find(world_.workspaces, request.workspace().name());
  }
  absl::Status DeleteWorkspace(const std::string& name) override {
    return Erase(world_.workspaces, name);
  }
  absl::StatusOr<v1::FrontDoor> GetFrontDoor() override {
    v1::FrontDoor front_door;
    front_door.add_host_public_keys(kHostKey);
    return front_door;
  }
  absl::StatusOr<std::vector<v1::AuditEntry>> ListAuditEntries(
      const v1::ListAuditEntriesRequest& request, int limit) override {
    world_.audit_request = request;
    std::vector<v1::AuditEntry> entries = world_.audit;
    entries.resize(std::min(entries.size(), static_cast<size_t>(limit)));
    return entries;
  }

 private:
  World& world_;
};

class RunTest : public ::testing::Test {
 protected:
  RunTest() {
    std::string pattern = ::testing::TempDir() + "/run-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    setenv("HOMEPORT_COORDINATOR", "127.0.0.1:7443", 1);
    setenv("HOMEPORT_CA", "/ca.pem", 1);
    setenv("HOMEPORT_TOKEN", "token-of-demo", 1);
    unsetenv("HOMEPORT_ADMIN_TOKEN");
    v1::User demo;
    demo.set_name("users/demo");
    demo.set_email("demo@example.com");
    demo.add_roles(v1::ROLE_MEMBER);
    demo.set_public_key("ssh-ed25519 AAAA demo");
    world_.users[demo.name()] = demo;
  }
  ~RunTest() override { std::filesystem::remove_all(folder_); }

  // The exit status; out_ and err_ hold what was printed.
  int Run(std::vector<std::string> arguments) {
    std::ostringstream out;
    std::ostringstream err;
    const int status = RunCommandLine(
        std::move(arguments), out, err,
        [this](const AdminApiOptions& options) -> absl::StatusOr<std::unique_ptr<AdminApi>> {
          world_.connected_with = options;
          return std::make_unique<FakeAdminApi>(world_);
        });
    out_ = out.str();
    err_ = err.str();
    return status;
  }

  World world_;
  std::string folder_;
  std::string out_;
  std::string err_;
};

TEST_F(RunTest, AloneItPrintsHelp) {
  EXPECT_EQ(Run({}), 0);
  EXPECT_THAT(out_, HasSubstr("workspaces"));
  EXPECT_EQ(err_, "");
}

TEST_F(RunTest, MistakesOnTheCommandLineAreUsage) {
  for (const std::vector<std::string>& bad : std::vector<std::vector<std::string>>{
           {"frobnicate"},
           {"users"},
           {"users", "get"},
           {"users", "get", "Demo"},
           {"users", "create", "x"},
           {"users", "create", "x", "--email", "x@y", "--role", "king"},
           {"whoami", "--output", "xml"},
           {"whoami", "--timeout", "soon"},
           {"whoami", "--timeout", "0s"},
           {"whoami", "--coordinator", "nowhere"},
           {"providers", "update", "local"},
           {"providers", "update", "local", "--key-socket", "maybe"},
           {"workspaces", "update", "dev"},
           {"workspaces", "update", "dev", "--backend", "telnet"},
           {"audit"},
           {"audit", "list", "--limit", "0"},
           {"front-door", "--known-hosts", "host"},
           {"front-door", "--known-hosts", "host", "ssh"},
           {"workspaces", "get", "demo/dev", "--owner", "other"}}) {
    EXPECT_EQ(Run(bad), 64) << bad[0] << " " << bad.back();
    EXPECT_THAT(err_, StartsWith("homeport: "));
    EXPECT_EQ(out_, "");
  }
}

TEST_F(RunTest, WhatIsMissingIsAskedFor) {
  unsetenv("HOMEPORT_COORDINATOR");
  EXPECT_EQ(Run({"whoami"}), 64);
  EXPECT_THAT(err_, HasSubstr("--coordinator"));
  setenv("HOMEPORT_COORDINATOR", "127.0.0.1:7443", 1);
  unsetenv("HOMEPORT_TOKEN");
  EXPECT_EQ(Run({"whoami"}), 64);
  EXPECT_THAT(err_, HasSubstr("--token-file"));
  unsetenv("HOMEPORT_CA");
  EXPECT_EQ(Run({"whoami"}), 64);
  EXPECT_THAT(err_, HasSubstr("--ca-file"));
}

TEST_F(RunTest, TheTokenComesFromTheFileThenFromTheEnvironment) {
  setenv("HOMEPORT_ADMIN_TOKEN", "token-of-admin", 1);
  ASSERT_EQ(Run({"whoami"}), 0) << err_;
  EXPECT_EQ(world_.connected_with.token, "token-of-demo");
  unsetenv("HOMEPORT_TOKEN");
  ASSERT_EQ(Run({"whoami"}), 0) << err_;
  EXPECT_EQ(world_.connected_with.token, "token-of-admin");
  const std::string file = folder_ + "/token";
  ASSERT_TRUE(WriteFileAtomically(file, "token-of-file\n", 0600).ok());
  ASSERT_EQ(Run({"whoami", "--token-file", file}), 0) << err_;
  EXPECT_EQ(world_.connected_with.token, "token-of-file");
}

TEST_F(RunTest, ATokenThatOthersReadOrThatIsNoneIsRefused) {
  const std::string file = folder_ + "/token";
  ASSERT_TRUE(WriteFileAtomically(file, "token\n", 0644).ok());
  EXPECT_EQ(Run({"whoami", "--token-file", file}), 1);
  EXPECT_THAT(err_, HasSubstr("chmod 600"));
  EXPECT_EQ(Run({"whoami", "--token-file", folder_ + "/none"}), 1);
  setenv("HOMEPORT_TOKEN", "two\nlines", 1);
  EXPECT_EQ(Run({"whoami"}), 64);
  EXPECT_THAT(err_, Not(HasSubstr("lines")));
}

TEST_F(RunTest, GlobalOptionsStandAnywhere) {
  ASSERT_EQ(Run({"whoami", "--coordinator", "h:1", "--timeout", "1m"}), 0) << err_;
  EXPECT_EQ(world_.connected_with.coordinator, "h:1");
  EXPECT_EQ(world_.connected_with.timeout, absl::Minutes(1));
  ASSERT_EQ(Run({"--coordinator", "h:2", "whoami"}), 0) << err_;
  EXPECT_EQ(world_.connected_with.coordinator, "h:2");
}

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
                 "--gallery-item-url", "i", "--gallery-service-url", "s", "--base-path", "/p"}),
            0)
      << err_;
  const v1::UpdateWorkspaceRequest second = world_.workspace_update;
  EXPECT_EQ(second.workspace().pinned_backend(), v1::BACKEND_KIND_UNSPECIFIED);
  EXPECT_EQ(second.workspace().image().digest(), "d");
  EXPECT_EQ(second.workspace().gallery().item_url(), "i");
  EXPECT_EQ(second.workspace().gallery().service_url(), "s");
  EXPECT_EQ(second.workspace().base_path(), "/p");
  EXPECT_EQ(second.update_mask().paths_size(), 5);

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

TEST_F(RunTest, TheAuditIsAListToo) {
  v1::AuditEntry entry;
  entry.set_name("auditEntries/7");
  entry.mutable_create_time()->set_seconds(1700000000);
  entry.set_actor("users/demo/workspaces/dev/agent");
  entry.set_action("key_socket.sign");
  entry.set_target("users/demo/workspaces/dev");
  entry.set_detail("{\"kind\":\"sshsig\"}");
  world_.audit = {entry, entry};
  ASSERT_EQ(Run({"audit", "list", "--limit", "1", "--action", "a", "--target", "t"}), 0) << err_;
  EXPECT_EQ(world_.audit_request.action(), "a");
  EXPECT_EQ(world_.audit_request.target(), "t");
  EXPECT_EQ(
      out_,
      "TIME                  ACTION           ACTOR                            TARGET         "
      "            ADDRESS  DETAIL\n"
      "2023-11-14 22:13:20Z  key_socket.sign  users/demo/workspaces/dev/agent  "
      "users/demo/workspaces/dev  -        {\"kind\":\"sshsig\"}\n");
  ASSERT_EQ(Run({"audit", "list", "--output", "json"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("auditEntries/7"));
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
  const std::string file = folder_ + "/credential";
  const std::vector<std::string> command = {"workspaces", "create",   "demo/dev",
                                            "--provider", "local",    "--credential-file",
                                            file,         "--output", "json"};
  ASSERT_EQ(Run(command), 0) << err_;
  EXPECT_EQ(*ReadFile(file), "s3cret\n");
  EXPECT_THAT(out_, Not(HasSubstr("s3cret")));
  EXPECT_EQ(err_, "");
  struct stat info = {};
  ASSERT_EQ(stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(RunTest, ASecretThatCouldNotBeKeptIsNotAskedFor) {
  const std::string file = folder_ + "/none/file";
  EXPECT_EQ(Run({"workspaces", "create", "dev", "--provider", "local", "--credential-file", file}),
            1);
  EXPECT_TRUE(world_.workspaces.empty());
  EXPECT_EQ(Run({"users", "create", "new", "--email", "n@example.com", "--token-file-out", file}),
            1);
  EXPECT_EQ(world_.users.count("users/new"), 0u);
}

TEST_F(RunTest, ListsAreTablesOrArrays) {
  ASSERT_EQ(Run({"users", "create", "new", "--email", "n@example.com", "--role", "member", "--role",
                 "site-manager"}),
            0)
      << err_;
  ASSERT_EQ(Run({"users", "list"}), 0) << err_;
  EXPECT_EQ(out_,
            "NAME  EMAIL             ROLES                 CREATED\n"
            "demo  demo@example.com  member                -\n"
            "new   n@example.com     member, site-manager  -\n");
  ASSERT_EQ(Run({"--output", "json", "providers", "list"}), 0) << err_;
  EXPECT_EQ(out_, "[]\n");
}

TEST_F(RunTest, WhatTheCoordinatorSaysCannotDriveTheTerminal) {
  world_.providers["providers/local"].set_display_name("\x1b]0;gotcha\x07");
  ASSERT_EQ(Run({"providers", "list"}), 0) << err_;
  EXPECT_THAT(out_, Not(HasSubstr("\x1b")));
  world_.caller = "users/\x1b[2J";
  EXPECT_EQ(Run({"whoami"}), 2);
  EXPECT_THAT(err_, Not(HasSubstr("\x1b")));
}

TEST_F(RunTest, ThePrivateKeyIsTheOwnersFile) {
  const std::string file = folder_ + "/key";
  ASSERT_EQ(Run({"keys", "download", "--file", file}), 0) << err_;
  EXPECT_EQ(*ReadFile(file), "-----BEGIN of users/demo-----\n");
  EXPECT_EQ(Run({"keys", "download", "--file", file}), 1);
  EXPECT_THAT(err_, HasSubstr("--force"));
  EXPECT_EQ(Run({"keys", "download", "--file", file, "--force"}), 0) << err_;
  ASSERT_EQ(Run({"keys", "download", "--file", "-"}), 0) << err_;
  EXPECT_EQ(out_, "-----BEGIN of users/demo-----\n");
  setenv("HOME", folder_.c_str(), 1);
  ASSERT_EQ(Run({"keys", "download"}), 0) << err_;
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/.ssh/homeport_demo"));
}

TEST_F(RunTest, PublicKeysAreLinesForOtherPrograms) {
  ASSERT_EQ(Run({"keys", "show"}), 0) << err_;
  EXPECT_EQ(out_, "ssh-ed25519 AAAA demo\n");
  EXPECT_EQ(Run({"keys", "show", "nobody"}), 2);
  ASSERT_EQ(Run({"front-door"}), 0) << err_;
  EXPECT_EQ(out_, absl::StrCat(kHostKey, "\n"));
  ASSERT_EQ(Run({"front-door", "--known-hosts", "127.0.0.1", "2222"}), 0) << err_;
  EXPECT_EQ(out_, absl::StrCat("[127.0.0.1]:2222 ", kHostKey, "\n"));
}

}  // namespace
}  // namespace homeport
