// A small Homeport of its own for each story, as dev/up makes it: the real programs on free
// loopback ports, the user demo with the workspaces dev (the agent's own SSH server) and box
// (OpenSSH, through a private sshd), and an ssh_config that leads there. All of it is in a
// temporary folder and gone afterwards; if the test has failed, the ends of the logs are printed
// first. What a sanitizer that they are built with reports of the programs fails the test.
//
//   World world;
//   world.Start();
//   EXPECT_EQ(world.Ssh({"dev", "exit 7"}).status, 7);
//
// Threads: the test's main thread.
#ifndef HOMEPORT_TESTS_INTEGRATION_WORLD_H_
#define HOMEPORT_TESTS_INTEGRATION_WORLD_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/integration/conversation.h"
#include "tests/integration/service.h"
#include "tests/postgresql/postgresql_server.h"

namespace homeport::story {

using Words = std::vector<std::string>;

// The path of one of our programs, "coordinator", "sshproxy", "homeport-agent" or
// "homeport".
std::string Binary(const std::string& name);

class World {
 public:
  World();
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // Flags beyond those that the world sets; before Start.
  Words coordinator_flags;
  Words sshproxy_flags;
  Words agent_flags;
  // What agents are told about the home: by default to leave the files of whoever runs the test
  // alone.
  Words home_flags = {"--manage_files", "off"};
  // Lines of sshd_config that go before those of box's usual configuration; before StartBox.
  std::string sshd_configuration;
  // The coordinator's state; to be set before Start if it is to be elsewhere.
  std::string state_folder;
  // The URL of the coordinator's database; empty for SQLite in its state. With one, `state_folder`
  // is its folder of secrets, which is made if there is none. To be set before the coordinator is
  // started, for the first time or again.
  std::string database;
  // The address of the coordinator that a service is to go to ("sshproxy-2", "agent-dev"), if it is
  // not the first one; before it is started.
  std::map<std::string, std::string> coordinator_of;

  // Two coordinators that share a PostgreSQL of the world's own: proxies at the first one, others
  // as coordinator_of says, agents at the second. Before Start, which starts both. NOT_FOUND if
  // PostgreSQL is not installed.
  absl::Status ShareDatabase();

  // Coordinator, demo, sshproxy, agent of dev, all ready.
  void Start();
  // The parts of it, for stories about only some of them.
  // "coordinator", or "coordinator-2" and so on for more replicas: their addresses are "grpc-2"….
  void StartCoordinator(const std::string& name = "coordinator");
  // "sshproxy", or "sshproxy-2" and so on for more replicas: their addresses are "ssh-2"….
  void StartSshproxy(const std::string& name = "sshproxy");
  void StartAgent(const std::string& workspace);
  // A private sshd and the workspace box with its agent.
  void StartBox();
  // Why there can be no box on this machine; empty if there can.
  static std::string WhyNoBox();

  // The services by name: "coordinator", "sshproxy", "agent-dev", "agent-box", "sshd".
  Service& service(const std::string& name);
  Service& coordinator() { return service("coordinator"); }
  Service& sshproxy() { return service("sshproxy"); }
  Service& agent(const std::string& workspace) { return service("agent-" + workspace); }
  // Those that run, without sshd.
  std::vector<Service*> services();
  // Starts it again with the same arguments and the same ports, and waits until it is ready.
  void Restart(const std::string& name);

  // Users are made by the site manager; their keys and tokens are at KeyFile and TokenFile.
  void AddUser(const std::string& name);
  // "demo/dev"; the credential is at CredentialFile.
  void AddWorkspace(const std::string& path);
  std::string KeyFile(const std::string& user) const { return Path(user + ".key"); }
  std::string TokenFile(const std::string& user) const;
  std::string CredentialFile(const std::string& workspace) const {
    return Path(workspace + ".credential");
  }
  // What the agent says of itself in its status file.
  std::string AgentStatus(const std::string& workspace) const;
  bool WaitForAgent(const std::string& workspace, absl::Duration limit = absl::Seconds(20));
  // Waits until the coordinator says so.
  bool WaitForOnline(const std::string& path, bool online,
                     absl::Duration limit = absl::Seconds(20));

  // The homeport command, as the site manager or as somebody else.
  Result Homeport(const Words& words) { return HomeportAs("admin", words); }
  Result HomeportAs(const std::string& user, const Words& words);
  // By the coordinator that listens at the address called so: "grpc-2".
  Result HomeportAt(const std::string& address, const Words& words);

  // `ssh -F ssh_config -i KeyFile(user) words…`.
  Process::Command SshCommand(const Words& words, const std::string& user = "demo") const;
  Result Ssh(const Words& words, absl::string_view input = "",
             absl::Duration limit = absl::Seconds(30));
  std::unique_ptr<Conversation> TalkSsh(const Words& words);
  // A session that echoes what it is sent, and has done so once. Say() sends a line through it and
  // waits for it to come back.
  std::unique_ptr<Conversation> LiveSession(const Words& words);
  static void Say(Conversation& session, const std::string& line);
  std::unique_ptr<Conversation> TerminalSsh(const Words& words,
                                            const Conversation::Terminal& terminal = {});

  // "127.0.0.1:PORT" by what listens there: "grpc", "coordinator_ops", "ssh", "tunnel",
  // "sshproxy_ops", "agent_dev_ops".
  const std::string& address(const std::string& name) const { return addresses_.at(name); }
  // To be listened on instead of a free port; before Start.
  void SetListenAddress(const std::string& name, const std::string& address) {
    addresses_[name] = address;
  }
  // A file in the world's folder.
  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  // A counter or gauge of the service; -1 if there is none. `name` is all before the value.
  double Metric(const std::string& ops_address, const std::string& name) const;

 private:
  // Asks the services to end, and waits for a while.
  void EndServices();
  void WriteSshConfig();
  void SetCoordinatorCommand(const std::string& name);
  void SetSshproxyCommand(const std::string& name);
  // Makes the site manager admin.
  void SetUp();
  // Where the set-up code is.
  std::string SetUpCodeFile();
  // `homeport words…`, with a configuration of its own and no token.
  Process::Command HomeportCommand(const Words& words, const std::string& at = "grpc") const;
  std::string CoordinatorOf(const std::string& service) const;
  // The address to listen on: where it was the last time, else a free port.
  std::string ListenAddress(const std::string& name) const;
  // Waits for the service's address file and takes the addresses, with the prefix put before "ops".
  void TakeAddresses(const std::string& service);
  void WaitUntilReady(const std::string& service);
  void StartSshd();

  std::unique_ptr<PostgresqlServer> postgresql_;  // ends after the services
  std::string folder_;
  std::map<std::string, std::string> addresses_;
  std::map<std::string, std::unique_ptr<Service>> services_;
};

// A story with a world that has started.
class Story : public testing::Test {
 protected:
  void SetUp() override { world_.Start(); }
  World world_;
};

// A story that is told of both kinds of workspace, "dev" and "box".
class StoryOfBoth : public Story, public testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    if (on_box() && !World::WhyNoBox().empty()) GTEST_SKIP() << World::WhyNoBox();
    if (replicas()) {
      const absl::Status shared = world_.ShareDatabase();
      if (absl::IsNotFound(shared)) GTEST_SKIP() << shared.message();
      ASSERT_TRUE(shared.ok()) << shared;
    }
    Story::SetUp();
    if (on_box()) world_.StartBox();
  }
  std::string workspace() const { return std::string(GetParam()).substr(0, 3); }
  // Whether the world has two coordinators: "dev, replicas".
  bool replicas() const { return std::string(GetParam()).size() > 3; }
  bool on_box() const { return workspace() == "box"; }
};

#define HOMEPORT_STORY_OF_BOTH(suite)             \
  INSTANTIATE_TEST_SUITE_P(                       \
      Both, suite, testing::Values("dev", "box"), \
      [](const testing::TestParamInfo<const char*>& it) { return std::string(it.param); })

// Also in a world with two coordinators.
#define HOMEPORT_STORY_OF_BOTH_AND_REPLICAS(suite)                                                 \
  INSTANTIATE_TEST_SUITE_P(                                                                        \
      Both, suite, testing::Values("dev", "box", "dev, replicas", "box, replicas"),                \
      [](const testing::TestParamInfo<const char*>& it) {                                          \
        return std::string(it.param).substr(0, 3) + (std::string(it.param).size() > 3 ? "2" : ""); \
      })

}  // namespace homeport::story

#endif  // HOMEPORT_TESTS_INTEGRATION_WORLD_H_
