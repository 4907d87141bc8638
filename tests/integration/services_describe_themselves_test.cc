// Every program says how it is used, what it is, and how it is doing, in the ways that people and
// their tools expect.
#include <csignal>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "base/exit_code.h"
#include "base/file.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/integration/tcp_connection.h"
#include "tests/integration/wait_for.h"
#include "tests/integration/world.h"

namespace homeport::story {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

struct Program {
  const char* name;  // with the subcommand, if it has one
  Words flags;       // some that --help must name
};

class ProgramsDescribeThemselves : public testing::TestWithParam<Program> {
 protected:
  static Result RunWith(const Words& words) {
    Process::Command command;
    const Words name = absl::StrSplit(GetParam().name, ' ');
    command.arguments = {Binary(name[0])};
    command.arguments.insert(command.arguments.end(), name.begin() + 1, name.end());
    command.arguments.insert(command.arguments.end(), words.begin(), words.end());
    return RunToEnd(command, "", absl::Seconds(10));
  }
};

INSTANTIATE_TEST_SUITE_P(
    Every, ProgramsDescribeThemselves,
    testing::Values(
        Program{"coordinator", {"--state", "--listen", "--ops_listen", "--drain", "--log_format"}},
        Program{"sshproxy",
                {"--listen", "--tunnel_listen", "--coordinator", "--ca_file", "--credential_file",
                 "--sign_in_grace", "--log_format"}},
        Program{"homeport-agent", {"run", "sftp-server"}},
        Program{"homeport-agent run",
                {"--coordinator", "--ca_file", "--credential_file", "--backend",
                 "--openssh_address", "--log_format", "command"}},
        Program{"homeport",
                {"--coordinator", "--ca-file", "--token-file", "--output", "users", "workspaces"}}),
    [](const testing::TestParamInfo<Program>& it) {
      return absl::StrReplaceAll(it.param.name, {{" ", "_"}, {"-", "_"}});
    });

TEST_P(ProgramsDescribeThemselves, ToWhoeverAsksForHelp) {
  const Result result = RunWith({"--help"});
  EXPECT_EQ(result.status, kExitOk);
  EXPECT_EQ(result.err, "");
  for (const std::string& flag : GetParam().flags) EXPECT_THAT(result.out, HasSubstr(flag));
}

TEST_P(ProgramsDescribeThemselves, WithTheirVersion) {
  const Result result = RunWith({"--version"});
  EXPECT_EQ(result.status, kExitOk);
  EXPECT_THAT(result.out, HasSubstr(GetParam().name));
  EXPECT_THAT(result.out, ContainsRegex("[0-9]+\\.[0-9]+"));
}

TEST_P(ProgramsDescribeThemselves, ToWhoeverMistypes) {
  const Result result = RunWith({"--no-such-flag"});
  EXPECT_EQ(result.status, kExitUsage);
  EXPECT_EQ(result.out, "");
  EXPECT_NE(result.err, "");
}

class ServicesDescribeThemselves : public Story {
 protected:
  void SetUp() override {
    world_.agent_flags = {"--log_format", "json"};
    world_.coordinator_flags = {"--log_format", "json"};
    world_.sshproxy_flags = {"--log_format", "json", "--sign_in_grace", "2s"};
    Story::SetUp();
  }
};

TEST_F(ServicesDescribeThemselves, InLogsThatAreJson) {
  EXPECT_EQ(world_.Ssh({"dev", "echo in"}).out, "in\n");
  world_.Ssh({"-o", "User=we\xc3\xa4rd\x1b[31m", "dev", "echo never"});
  world_.Ssh({"-o", "User=back\\slash", "dev", "echo never"});
  TcpConnection(world_.address("ssh")).Send("SSH-2.0-\"quoted\\\x01\xff\r\nnonsense");
  TcpConnection(world_.address("tunnel")).Send("{\"not\": \"a preamble\"}");
  world_.Homeport({"users", "get", "no\"body"});
  ASSERT_TRUE(world_.sshproxy().WaitForLog("not a tunnel preamble"));
  for (Service* service : world_.services()) {
    int lines = 0;
    for (const absl::string_view line : absl::StrSplit(service->Log(), '\n', absl::SkipEmpty())) {
      EXPECT_TRUE(nlohmann::json::accept(line.begin(), line.end()))
          << service->name() << " logged: " << line;
      ++lines;
    }
    EXPECT_GT(lines, 1) << service->name();
  }
}

TEST_F(ServicesDescribeThemselves, OnTheirOpsPorts) {
  EXPECT_EQ(world_.Ssh({"dev", "echo in"}).out, "in\n");
  for (const std::string& ops :
       {world_.address("coordinator_ops"), world_.address("sshproxy_ops")}) {
    SCOPED_TRACE(ops);
    EXPECT_EQ(HttpGet(ops, "/healthz").status, 200);
    EXPECT_EQ(HttpGet(ops, "/readyz").status, 200);
    const HttpAnswer metrics = HttpGet(ops, "/metrics");
    EXPECT_EQ(metrics.status, 200);
    EXPECT_THAT(metrics.body, HasSubstr("# HELP homeport_"));
    EXPECT_EQ(HttpGet(ops, "/nothing").status, 404);
  }
  EXPECT_EQ(
      world_.Metric(world_.address("coordinator_ops"), "homeport_coordinator_agents_connected"), 1);
  EXPECT_EQ(world_.Metric(world_.address("sshproxy_ops"),
                          "homeport_sshproxy_tunnels_total{result=\"ok\"}"),
            1);
}

TEST_F(ServicesDescribeThemselves, AsNotReadyWithoutTheCoordinator) {
  world_.coordinator().Kill9();
  const std::string ops = world_.address("sshproxy_ops");
  EXPECT_TRUE(WaitFor([&] { return HttpGet(ops, "/readyz").status == 503; }, absl::Seconds(10),
                      "the proxy not to be ready"));
  EXPECT_EQ(HttpGet(ops, "/healthz").status, 200);
  world_.Restart("coordinator");
  EXPECT_TRUE(WaitFor([&] { return HttpGet(ops, "/readyz").status == 200; }, absl::Seconds(20),
                      "the proxy to be ready again"));
}

class EnvironmentWorld : public testing::Test {
 protected:
  World world_;
};

TEST_F(EnvironmentWorld, SetsEveryFlag) {
  Process::Command command;
  command.arguments = {Binary("coordinator")};
  command.environment = {"HOMEPORT_STATE=" + world_.state_folder, "HOMEPORT_LISTEN=127.0.0.1:0",
                         "HOMEPORT_OPS_LISTEN=127.0.0.1:0",
                         "HOMEPORT_ADDRESS_FILE=" + world_.Path("address")};
  command.log_file = world_.Path("coordinator.log");
  Process coordinator(command);
  EXPECT_TRUE(WaitFor([&] { return ReadFile(world_.Path("address")).ok(); }, absl::Seconds(10),
                      "the address file"));
  coordinator.Signal(SIGTERM);
  EXPECT_EQ(coordinator.WaitToEnd(absl::Seconds(10)), kExitOk);
  // A flag wins over the environment, and a wrong value in it is named.
  command.environment.push_back("HOMEPORT_DRAIN=soon");
  const Result result = RunToEnd(command);
  EXPECT_EQ(result.status, kExitUsage);
  EXPECT_THAT(result.err, ContainsRegex("drain|DRAIN"));
}

}  // namespace
}  // namespace homeport::story
