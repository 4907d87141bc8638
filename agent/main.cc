// The agent of a workspace: dials home and lets the owner in by SSH.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <map>

#include "absl/status/status.h"
#include "agent/account.h"
#include "agent/agent_process.h"
#include "agent/process_launch.h"
#include "agent/sftp/sftp_process.h"
#include "base/address.h"
#include "base/allocator.h"
#include "base/exit_code.h"
#include "base/file.h"
#include "base/flags.h"
#include "base/lock_order.h"
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

// A supervisor may start us without standard input, output or error; a pipe of ours must not take
// their numbers.
void OccupyStandardDescriptors() {
  int fd = 0;
  do {
    fd = open("/dev/null", O_RDWR);
  } while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd > STDERR_FILENO) close(fd);
}

int Complain(const absl::Status& status, int exit_code) {
  fprintf(stderr, "agent: %s\n", std::string(status.message()).c_str());
  return exit_code;
}

// What is wrong with the flags and files that can be seen before anything starts.
absl::Status Check(const AgentOptions& options, const std::string& shell) {
  for (const std::string* address : {&options.coordinator, &options.openssh_address}) {
    if (absl::Status status = ParseHostPort(*address).status(); !status.ok()) return status;
  }
  if (!options.ops_listen.empty()) {
    if (absl::Status status = ParseHostPort(options.ops_listen).status(); !status.ok()) {
      return status;
    }
  }
  if (!shell.empty() && (shell[0] != '/' || access(shell.c_str(), X_OK) != 0)) {
    return absl::InvalidArgumentError("--shell " + shell +
                                      " cannot be executed; give a program by its absolute path");
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

int Main(int argc, char** argv) {
  OccupyStandardDescriptors();
  AgentOptions options;
  std::string backend = "auto";
  std::string shell;
  Flags flags("agent", "Connects this workspace with Homeport and lets its owner in by SSH.");
  flags.Add("--coordinator", options.coordinator, "Address of the coordinator, host:port")
      ->required();
  flags.Add("--ca_file", options.ca_file, "Certificate that the coordinator is pinned to (PEM)")
      ->required();
  flags.Add("--credential_file", options.credential_file, "File with the workspace's credential")
      ->required();
  flags.Add("--openssh_address", options.openssh_address, "Where the workspace's OpenSSH listens");
  flags.Add("--backend", backend, "SSH server for sessions: auto, embedded or openssh")
      ->check(CLI::IsMember(&kBackends));
  flags.Add("--status_file", options.status_file, "File that says whether the agent is connected");
  flags.Add("--ops_listen", options.ops_listen, "Address for /metrics, /healthz and /readyz");
  flags.Add("--drain", options.drain, "How long sessions may go on after SIGTERM");
  flags.Add("--shell", shell, "Shell of sessions; default is the account's");
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
  flags.Add("--xauth", options.embedded.xauth, "The program xauth, for X11 forwarding");
  if (const auto exit_code = flags.Parse(argc, argv)) return *exit_code;
  options.backend = kBackends.at(backend);
  if (absl::Status status = Check(options, shell); !status.ok()) {
    return Complain(status, kExitUsage);
  }
  if (absl::Status status = ReadSecretFile(options.credential_file).status(); !status.ok()) {
    return Complain(status, ExitCodeOf(status));
  }
  options.account = ThisAccount(shell);
  for (char** entry = environ; *entry != nullptr; ++entry) options.environment.push_back(*entry);

  BlockTerminationSignals();
  RaiseDescriptorLimit();
  ssh::InitLibrary();
  absl::StatusOr<std::unique_ptr<AgentProcess>> agent = AgentProcess::Start(options);
  if (!agent.ok()) return Complain(agent.status(), ExitCodeOf(agent.status()));
  Logger("agent")->info("started as {}, coordinator {}, backend {}", options.account.user,
                        options.coordinator, backend);
  WaitForTermination(absl::InfiniteDuration());
  (*agent)->Stop();
  // A connect that is still under way would hold up an orderly end for seconds, and there is
  // nothing left that it could matter to.
  fflush(nullptr);
  _exit(kExitOk);
}

}  // namespace
}  // namespace homeport::agent

int main(int argc, char** argv) {
  // What a session's subsystem starts; it wants none of the rest.
  if (argc > 1 && strcmp(argv[1], homeport::agent::sftp::kSubcommand) == 0) {
    return homeport::agent::sftp::RunSftpProcess(argc - 1, argv + 1);
  }
  homeport::KeepLittleFreeMemory();
  homeport::DoNotCheckLockOrder();
  return homeport::agent::Main(argc, argv);
}
