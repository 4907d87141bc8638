#include "agent/run_command.h"

#include <unistd.h>

#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "agent/account.h"
#include "agent/agent_process.h"
#include "agent/first_process.h"
#include "agent/process_launch.h"
#include "base/address.h"
#include "base/credential_file.h"
#include "base/exit_code.h"
#include "base/flags.h"
#include "base/logging.h"
#include "base/termination.h"
#include "ssh/library.h"

namespace homeport::agent {
namespace {

const std::map<std::string, Backends::Choice> kBackends = {
    {"auto", Backends::Choice::kAuto},
    {"embedded", Backends::Choice::kEmbedded},
    {"openssh", Backends::Choice::kOpenSsh},
};

// Each tunnel takes up to six of the descriptors that RaiseDescriptorLimit asks for.
constexpr int kMostTunnels = 2000;
constexpr int kMostChannels = 10000;
constexpr int kMostForwards = 1000;

int Complain(const absl::Status& status, int exit_code) {
  fprintf(stderr, "homeport-agent: %s\n", std::string(status.message()).c_str());
  return exit_code;
}

// What is wrong with the flags and files that can be seen before anything starts.
absl::Status Check(const AgentOptions& options, const std::string& shell, const std::string& home) {
  for (const absl::Status& status : {ParseHostPorts(options.coordinator).status(),
                                     ParseHostPort(options.openssh_address).status()}) {
    if (!status.ok()) return status;
  }
  if (!shell.empty() && (shell[0] != '/' || access(shell.c_str(), X_OK) != 0)) {
    return absl::InvalidArgumentError("--shell " + shell +
                                      " cannot be executed; give a program by its absolute path");
  }
  if (options.assets_root.empty() || options.assets_root[0] != '/' ||
      (!home.empty() && home[0] != '/')) {
    return absl::InvalidArgumentError("--assets_root and --home need absolute paths");
  }
  return absl::OkStatus();
}

int ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      return kExitUnavailable;
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:  // a folder where a file should be
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kPermissionDenied:
      return kExitBadState;
    default:
      return kExitFailure;
  }
}

// Runs the agent until it is told to stop.
int RunAgent(const AgentOptions& options) {
  BlockTerminationSignals();
  RaiseDescriptorLimit();
  ssh::InitLibrary();
  absl::StatusOr<std::unique_ptr<AgentProcess>> agent = AgentProcess::Start(options);
  if (!agent.ok()) return Complain(agent.status(), ExitCodeOf(agent.status()));
  Logger("agent")->info("started as {}, coordinator {}", options.account.user, options.coordinator);
  WaitForTermination(absl::InfiniteDuration());
  (*agent)->Stop();
  // A connect that is still under way would hold up an orderly end for seconds, and there is
  // nothing left that it could matter to.
  fflush(nullptr);
  _exit(kExitOk);
}

// What the container's own command is started with: nothing of it is for the agent alone.
std::vector<std::string> EnvironmentForCommand(const std::vector<std::string>& environment) {
  std::vector<std::string> passed;
  for (const std::string& entry : environment) {
    if (!absl::StartsWith(entry, "HOMEPORT_")) passed.push_back(entry);
  }
  return passed;
}

}  // namespace

int RunCommand(int argc, char** argv) {
  AgentOptions options;
  std::string backend = "auto";
  std::string shell;
  std::string home;
  std::string manage_files = "on";
  std::vector<std::string> command;
  Flags flags("homeport-agent run",
              "Connects this workspace with Homeport and lets its owner in by SSH.");
  flags
      .Add("--coordinator", options.coordinator,
           "Address of the coordinator, host:port; of several, with commas")
      ->required();
  flags.Add("--ca_file", options.ca_file, "Certificate that the coordinator is pinned to (PEM)")
      ->required();
  flags.Add("--credential_file", options.credential_file, "File with the workspace's credential")
      ->required();
  flags.Add("--openssh_address", options.openssh_address, "Where the workspace's OpenSSH listens");
  flags.Add("--backend", backend, "SSH server for sessions: auto, embedded or openssh")
      ->check(CLI::IsMember(&kBackends));
  flags.Add("--status_file", options.status_file, "File that says whether the agent is connected");
  flags.Add("--drain", options.drain, "How long sessions may go on after SIGTERM");
  flags.Add("--staleness", options.staleness,
            "Without the coordinator for this long, sessions end");
  flags.Add("--shell", shell, "Shell of sessions; default is the account's");
  flags.Add("--home", home, "Home of sessions, an absolute path; default is the account's");
  flags.Add("--assets_root", options.assets_root, "Where the workspace sees the asset bundle");
  flags
      .Add("--manage_files", manage_files,
           "Whether the agent keeps ~/.ssh/authorized_keys, ~/.ssh/environment and the key socket: "
           "on, or off to leave the home alone")
      ->check(CLI::IsMember({"on", "off"}));
  flags.Add("--max_tunnels", options.max_tunnels, "Most connections at a time")
      ->check(CLI::Range(1, kMostTunnels));
  flags.Add("--max_channels", options.embedded.max_channels, "Most channels in a connection")
      ->check(CLI::Range(1, kMostChannels));
  flags
      .Add("--max_pending_opens", options.embedded.max_pending_opens,
           "Most channels of a connection that are being opened at a time")
      ->check(CLI::Range(1, kMostChannels));
  flags
      .Add("--max_forwards", options.embedded.max_forwards,
           "Most ports and sockets that a connection has the workspace listen on")
      ->check(CLI::Range(0, kMostForwards));
  flags.Add("--connect_limit", options.embedded.connect_limit,
            "How long a forward's address may take to answer");
  flags.Add("--xauth", options.embedded.xauth,
            "The program xauth, for X11 forwarding; without it the agent does its work");
  flags.app().add_option(
      "command", command,
      "After --: what the container is there for. The agent runs beside it, does "
      "the work of process 1, and ends with its status");
  flags.app().positionals_at_end();
  if (const auto exit_code = flags.Parse(argc, argv)) return *exit_code;
  options.backend = kBackends.at(backend);
  if (absl::Status status = Check(options, shell, home); !status.ok()) {
    return Complain(status, kExitUsage);
  }
  if (absl::Status status = ReadCredentialFile(options.credential_file).status(); !status.ok()) {
    return Complain(status, ExitCodeOf(status));
  }
  options.account = ThisAccount(shell);
  if (!home.empty()) options.account.home = home;
  options.manage_files = manage_files == "on";
  for (char** entry = environ; *entry != nullptr; ++entry) options.environment.push_back(*entry);

  if (command.empty() && getpid() != 1) return RunAgent(options);
  FirstProcess::Plan plan;
  plan.command = command;
  plan.environment = EnvironmentForCommand(options.environment);
  plan.agent = [&options] { return RunAgent(options); };
  return FirstProcess(std::move(plan)).Run();
}

}  // namespace homeport::agent
