// The coordinator's program: flags, start, waiting for the end.
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/address.h"
#include "base/exit_code.h"
#include "base/flags.h"
#include "base/lock_order.h"
#include "base/logging.h"
#include "base/termination.h"
#include "coordinator/coordinator.h"
#include "coordinator/kubernetes_flags.h"
#include "coordinator/maintenance.h"
#include "coordinator/replica_name.h"
#include "coordinator/store/postgresql_address.h"

namespace homeport {
namespace {

constexpr absl::Duration kHousekeepingInterval = absl::Seconds(1);

struct Settings {
  CoordinatorOptions coordinator;
  std::string store;
  std::string store_file;
  std::string tls_names;
  KubernetesFlags kubernetes;
  absl::Duration drain = absl::Seconds(10);
};

void AddFlags(Flags& flags, Settings& settings) {
  StateFolderOptions& state = settings.coordinator.state;
  flags.Add("--state", state.path,
            "Folder for database, keys and certificates; made if missing. Not needed with a store "
            "in PostgreSQL");
  flags.Add(
      "--store", settings.store,
      "Database, sqlite:PATH or postgresql://user@host:5432/database; empty for SQLite in the "
      "state folder");
  flags.Add("--store_file", settings.store_file,
            "File that holds the store's location, for a URL with a password in it");
  flags.Add("--secrets", state.secrets,
            "Folder with the keys and certificates that coordinators on one database share, which "
            "is only read; empty for those in the state folder");
  flags.Add("--listen", settings.coordinator.listen,
            "Address for agents, proxies and the homeport command (gRPC over TLS), host:port");
  flags.Add("--ops_listen", settings.coordinator.ops_listen,
            "Address for /metrics, /healthz and /readyz (plain HTTP), host:port; empty for none");
  flags.Add("--replica", settings.coordinator.replica,
            "This coordinator's name among those that share its store; empty for one made of the "
            "host's name");
  flags.Add("--tls_names", settings.tls_names,
            "More DNS names and IP addresses for the coordinator's own certificate, with commas");
  flags.Add("--tls_certificate", state.tls_certificate_file,
            "Certificate chain to serve with, PEM, instead of one from the state folder's own CA");
  flags.Add("--tls_key", state.tls_key_file, "Its private key, PEM");
  flags.Add("--tls_ca", state.tls_ca_file,
            "CA that signed it, PEM, to be checked at the start; may be left out");
  flags.Add("--max_opening_sessions", settings.coordinator.most_opening_per_user,
            "Sessions that one user may be opening at a time");
  flags.Add("--max_connects_per_second", settings.coordinator.most_connects_per_second,
            "Agents that are let in each second; the others are told when to come again. 0: all")
      ->check(CLI::Range(0, 1000000));
  flags.Add(
      "--url", settings.coordinator.url,
      "Where people reach this installation, https://…, for CODER_URL in workspaces; empty for "
      "none");
  flags.Add(
      "--ssh_address", settings.coordinator.ssh_address,
      "Where people's ssh connects to, host:port, for those who ask; empty if it is not said");
  flags.Add("--key_socket_may_open_front_door", settings.coordinator.key_socket_may_open_front_door,
            "Whether a workspace's key socket signs in to this installation's front door");
  settings.kubernetes.AddTo(flags);
  flags.Add("--drain", settings.drain, "How long calls may take to end after SIGTERM");
  flags.Add("--address_file", settings.coordinator.address_file,
            "File to write the actual addresses to once they are listened on; empty for none");
}

absl::Status CheckSshAddress(const std::string& address) {
  if (address.empty()) return absl::OkStatus();
  const absl::StatusOr<HostPort> parsed = ParseHostPort(address);
  if (parsed.ok() && parsed->port > 0 && (IsTlsName(parsed->host))) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "--ssh_address must be empty, or host:port with a DNS name or an IP address as host");
}

// Where the store, the state and the secrets are.
absl::Status CompleteStore(Settings& settings) {
  StateFolderOptions& state = settings.coordinator.state;
  if (!settings.store.empty() || !settings.store_file.empty()) {
    absl::StatusOr<std::string> location = StoreLocation(settings.store, settings.store_file);
    if (!location.ok()) return location.status();
    state.store = *std::move(location);
  }
  if (IsPostgresqlUrl(state.store)) {
    if (!state.secrets.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(
        "a store in PostgreSQL needs --secrets: coordinators that share a database share their "
        "keys too; coordinator make-secrets makes the folder");
  }
  if (!state.path.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError("--state is required, unless the store is in PostgreSQL");
}

// Names of two processes must differ, also of two on one host.
std::string MakeReplicaName() {
  char host[256] = "";
  if (gethostname(host, sizeof host - 1) != 0 || host[0] == '\0') return "coordinator";
  return absl::StrCat(host, "-", absl::Hex(randombytes_uniform(0x10000), absl::kZeroPad4));
}

// What CLI11 cannot check.
absl::Status Complete(Settings& settings) {
  StateFolderOptions& state = settings.coordinator.state;
  absl::StatusOr<std::vector<std::string>> names = ParseTlsNames(settings.tls_names);
  if (!names.ok()) return names.status();
  state.tls_names = *std::move(names);
  if (absl::Status status = CompleteStore(settings); !status.ok()) return status;
  if (state.tls_certificate_file.empty() != state.tls_key_file.empty()) {
    return absl::InvalidArgumentError("--tls_certificate and --tls_key go together");
  }
  if (!state.tls_ca_file.empty() && state.tls_certificate_file.empty()) {
    return absl::InvalidArgumentError("--tls_ca goes with --tls_certificate and --tls_key");
  }
  if (settings.coordinator.most_opening_per_user < 1) {
    return absl::InvalidArgumentError("--max_opening_sessions must be at least 1");
  }
  if (absl::Status status = CheckSshAddress(settings.coordinator.ssh_address); !status.ok()) {
    return status;
  }
  if (absl::Status status = settings.kubernetes.Complete(settings.coordinator.kubernetes);
      !status.ok()) {
    return status;
  }
  const std::string& url = settings.coordinator.url;
  const bool http = absl::StartsWith(url, "https://") || absl::StartsWith(url, "http://");
  const bool one_word =
      std::all_of(url.begin(), url.end(), [](unsigned char c) { return c > ' ' && c != 0x7f; });
  if (!url.empty() && (!http || !one_word)) {
    return absl::InvalidArgumentError("--url must be empty, or https://… or http://… in one word");
  }
  std::string& replica = settings.coordinator.replica;
  if (replica.empty()) replica = MakeReplicaName();
  return CheckReplicaName("--replica", replica);
}

int Fail(const absl::Status& status) {
  Logger("coordinator")->critical("{}", std::string(status.message()));
  return ExitCodeOf(status);
}

int Run(int argc, char** argv) {
  Settings settings;
  Flags flags("coordinator",
              "Homeport's control plane: users, keys, workspaces and sessions. Besides serving: "
              "coordinator make-secrets, copy-store, backup, rotate-master-key; each with --help.");
  AddFlags(flags, settings);
  if (const auto exit_code = flags.Parse(argc, argv)) return *exit_code;
  if (const absl::Status status = Complete(settings); !status.ok()) return Fail(status);
  umask(077);
  BlockTerminationSignals();
  // A file-size limit shows itself as a failed write, like a full disk.
  signal(SIGXFSZ, SIG_IGN);
  if (sodium_init() < 0) return Fail(absl::InternalError("libsodium cannot be initialised"));

  absl::StatusOr<std::unique_ptr<Coordinator>> coordinator =
      Coordinator::Start(settings.coordinator);
  if (!coordinator.ok()) return Fail(coordinator.status());
  // The one secret that is logged, since nobody could begin without it; it works once.
  if (const std::string invitation = (*coordinator)->SetUpInvitation(); !invitation.empty()) {
    Logger("coordinator")->warn("{}", invitation);
  }
  while (!WaitForTermination(kHousekeepingInterval)) (*coordinator)->Housekeep();

  Logger("coordinator")->info("stopping; a second signal stops at once");
  std::atomic<bool> stopped{false};
  std::thread stopper([&] {
    (*coordinator)->Stop(settings.drain);
    stopped = true;
  });
  // A little more than gRPC's own deadline, which cancels what is left.
  if (!WaitUntilDoneOrSignal([&] { return stopped.load(); }, settings.drain + absl::Seconds(5))) {
    Logger("coordinator")->warn("stopping now, with calls under way");
    std::_Exit(kExitFailure);
  }
  stopper.join();
  coordinator->reset();
  Logger("coordinator")->info("stopped");
  return kExitOk;
}

}  // namespace
}  // namespace homeport

int main(int argc, char** argv) {
  homeport::DoNotCheckLockOrder();
  if (const auto exit_code = homeport::RunMaintenance(argc, argv)) return *exit_code;
  return homeport::Run(argc, argv);
}
