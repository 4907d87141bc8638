// sshproxy: terminates users' SSH and relays it to workspaces that dialled home.
#include <sodium.h>

#include <algorithm>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "base/allocator.h"
#include "base/credential_file.h"
#include "base/exit_code.h"
#include "base/file.h"
#include "base/flags.h"
#include "base/lock_order.h"
#include "base/logging.h"
#include "base/network_ranges.h"
#include "base/termination.h"
#include "rpc/coordinator_route.h"
#include "rpc/ops_server.h"
#include "ssh/library.h"
#include "ssh/vector_aes_gcm.h"
#include "sshproxy/proxy.h"

namespace homeport {
namespace {

struct Options {
  Proxy::Options proxy;
  std::string coordinator = "127.0.0.1:7443";
  std::string ca_file;
  std::string credential_file;
  std::string proxy_protocol_from;
  std::string ops_listen = "127.0.0.1:7446";
  std::string address_file;
  absl::Duration drain = absl::Seconds(30);
};

// Who may come in, and how many.
void AddFrontDoorFlags(Flags& flags, Options& options) {
  UserListener::Options& users = options.proxy.users;
  flags.Add("--max_connections", users.max_connections, "Users' connections at a time")
      ->check(CLI::PositiveNumber);
  flags
      .Add("--max_unauthenticated", users.waiting.overall,
           "Users' connections at a time that have not signed in yet")
      ->check(CLI::PositiveNumber);
  flags
      .Add("--max_unauthenticated_per_address", users.waiting.per_address,
           "The same from one address (of IPv6: from one /64)")
      ->check(CLI::PositiveNumber);
  flags.Add("--proxy_protocol_from", options.proxy_protocol_from,
            "Load balancers that say by the PROXY protocol who the client is, as addresses or "
            "ranges with commas between; they must");
  flags.Add("--proxy_header_timeout", users.header_timeout,
            "How long a load balancer may take for its PROXY header");
  flags.Add("--sign_in_grace", options.proxy.sign_in.sign_in_grace,
            "How long a connection may take to sign in");
  flags.Add("--max_attempts", options.proxy.sign_in.attempts, "Failed sign-ins a connection")
      ->check(CLI::Range(1, 100));
  flags.Add("--rekey_bytes", options.proxy.sign_in.rekey_bytes,
            "Keys are exchanged anew after so many bytes; 0 for what the cipher demands");
  flags.Add("--rekey_interval", options.proxy.sign_in.rekey_interval,
            "Keys are exchanged anew after this time; 0 for never");
}

std::optional<int> ParseFlags(int argc, char** argv, Options& options) {
  options.proxy.listen = "0.0.0.0:2222";
  options.proxy.tunnel_listen = "127.0.0.1:7445";
  options.proxy.loop_threads = static_cast<int>(std::max(2u, std::thread::hardware_concurrency()));
  Flags flags("sshproxy",
              "The SSH front door: signs users in and relays them to their workspaces.");
  flags.Add("--listen", options.proxy.listen, "Address for users' SSH, host:port");
  flags.Add("--tunnel_listen", options.proxy.tunnel_listen,
            "Address for agents' tunnels, host:port");
  flags.Add("--tunnel_address", options.proxy.tunnel_address,
            "What agents dial, host:port, if it is not the address of --tunnel_listen");
  flags.Add("--coordinator", options.coordinator,
            "The coordinator, host:port; of several, with commas");
  flags.Add("--ca_file", options.ca_file, "The coordinator's CA certificate (PEM)")->required();
  flags
      .Add("--credential_file", options.credential_file,
           "This service's credential, or its token of Kubernetes'; read anew each time")
      ->required();
  flags.Add("--ops_listen", options.ops_listen,
            "Address for /metrics, /healthz and /readyz over HTTP; empty for none");
  flags.Add("--address_file", options.address_file,
            "Write the addresses that were listened on here, one name=host:port a line");
  flags.Add("--loop_threads", options.proxy.loop_threads, "Threads that carry connections")
      ->check(CLI::Range(1, 256));
  AddFrontDoorFlags(flags, options);
  flags.Add("--client_alive_interval", options.proxy.client_watch.interval,
            "A client that is silent for this long is asked for a sign of life; 0 to ask none");
  flags
      .Add("--client_alive_count_max", options.proxy.client_watch.misses,
           "A client that has not acknowledged anything for this many intervals is gone")
      ->check(CLI::Range(1, 1000));
  flags
      .Add("--max_buffered_bytes", options.proxy.max_buffered_bytes,
           "Most that a connection may hold for ends that do not read, both ways together")
      ->check(CLI::Range(int64_t{256} << 10, int64_t{1} << 30));
  flags.Add("--staleness", options.proxy.staleness,
            "Without the coordinator for this long, sessions end");
  flags.Add("--drain", options.drain, "After SIGTERM sessions may go on for this long");
  return flags.Parse(argc, argv);
}

int Fail(const absl::Status& status, int exit_code) {
  Logger("main")->error("{}", std::string(status.message()));
  return exit_code;
}

int Run(const Options& options) {
  auto balancers = NetworkRanges::Parse(options.proxy_protocol_from);
  if (!balancers.ok()) {
    return Fail(absl::InvalidArgumentError(
                    absl::StrCat("--proxy_protocol_from: ", balancers.status().message())),
                kExitUsage);
  }
  auto credential = ReadCredentialFile(options.credential_file);
  if (!credential.ok()) return Fail(credential.status(), kExitBadState);
  auto route = CoordinatorRoute::Create(options.coordinator, options.ca_file);
  if (!route.ok()) return Fail(route.status(), kExitBadState);

  ProxyMetrics metrics;
  std::unique_ptr<OpsServer> ops;
  if (!options.ops_listen.empty()) {
    auto started = OpsServer::Start(options.ops_listen, metrics.registry());
    if (!started.ok()) return Fail(started.status(), kExitUnavailable);
    ops = *std::move(started);
  }
  Proxy::Options proxy_options = options.proxy;
  proxy_options.read_credential = [path = options.credential_file] {
    return ReadCredentialFile(path);
  };
  proxy_options.users.proxy_protocol_from = *std::move(balancers);
  auto proxy = Proxy::Create(proxy_options, *std::move(route), metrics, [&ops](bool ready) {
    if (ops != nullptr) ops->SetReady(ready);
  });
  if (!proxy.ok()) return Fail(proxy.status(), kExitUnavailable);
  if (!options.address_file.empty()) {
    const std::string addresses =
        absl::StrCat("ssh=", (*proxy)->ssh_address(), "\ntunnel=", (*proxy)->tunnel_address(), "\n",
                     ops == nullptr ? "" : absl::StrCat("ops=127.0.0.1:", ops->port(), "\n"));
    const absl::Status written = WriteFileAtomically(options.address_file, addresses, 0644);
    if (!written.ok()) return Fail(written, kExitFailure);
  }
  Logger("main")->info(
      "waiting for the coordinator at {}; users will be served at {}, tunnels at {}",
      options.coordinator, (*proxy)->ssh_address(), (*proxy)->tunnel_address());

  WaitForTermination(absl::InfiniteDuration());
  Logger("main")->info("draining: {} connections may end by themselves within {}",
                       (*proxy)->connections(), absl::FormatDuration(options.drain));
  // In this order: until then a coordinator that comes back makes it ready again.
  (*proxy)->StopAccepting();
  if (ops != nullptr) ops->SetReady(false);
  const auto idle = [&proxy] { return (*proxy)->connections() == 0; };
  if (!WaitUntilDoneOrSignal(idle, options.drain)) {
    (*proxy)->EndAll("The SSH proxy is stopping. Connect again to reach another one.");
    WaitUntilDoneOrSignal(idle, absl::Seconds(2));
  }
  Logger("main")->info("stopped");
  return kExitOk;
}

}  // namespace
}  // namespace homeport

int main(int argc, char** argv) {
  homeport::KeepLittleFreeMemory();
  homeport::DoNotCheckLockOrder();
  homeport::Options options;
  if (const auto exit_code = homeport::ParseFlags(argc, argv, options)) return *exit_code;
  homeport::BlockTerminationSignals();
  homeport::ssh::InitLibrary();
  const bool fast = homeport::ssh::UseVectorAesGcm();
  homeport::Logger("main")->debug("AES-GCM by {}", fast ? "ipsec-mb" : "OpenSSL");
  if (sodium_init() < 0) return homeport::kExitFailure;
  return homeport::Run(options);
}
