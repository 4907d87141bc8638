#include "agent/agent_process.h"

#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "agent/files/authorized_keys.h"
#include "agent/files/resource_limits.h"
#include "agent/workspace_environment.h"
#include "base/address.h"
#include "base/file.h"
#include "base/logging.h"
#include "base/termination.h"
#include "base/version.h"
#include "rpc/coordinator_route.h"
#include "rpc/resting_timers.h"

namespace homeport::agent {
namespace {

// Connects block for up to ten seconds; so many may at once.
constexpr int kConnectThreads = 8;
// Names of direct-tcpip channels that are looked up at a time.
constexpr int kResolverThreads = 4;
// How long the last words may take to be sent.
constexpr absl::Duration kGoodbye = absl::Seconds(2);
// How long the status file may take to be written at the end.
constexpr absl::Duration kFileTime = absl::Seconds(2);
constexpr char kStopping[] = "The workspace's agent is stopping.";

std::string HostName() {
  char name[256] = {};
  return gethostname(name, sizeof(name) - 1) == 0 ? name : "";
}

// The sentence for the status file and the log.
std::string WhyAway(const absl::Status& status, const AgentOptions& options) {
  if (absl::IsUnauthenticated(status)) {
    return absl::StrCat("the coordinator at ", options.coordinator, " refuses the credential in ",
                        options.credential_file, "; put the workspace's present one there");
  }
  if (status.ok())
    return absl::StrCat("the coordinator at ", options.coordinator, " said good-bye");
  return absl::StrCat("coordinator ", options.coordinator, ": ", status.message());
}

}  // namespace

AgentProcess::AgentProcess(const AgentOptions& options)
    : options_(options),
      reaper_(loop_),
      context_{loop_, reaper_, options.account, {}, resolver_, options.embedded},
      board_([this](const v1::AgentStatus& status) {
        if (home_ != nullptr) home_->SetStatus(status);
      }),
      pool_(kConnectThreads),
      resolver_(kResolverThreads) {}

absl::StatusOr<std::unique_ptr<AgentProcess>> AgentProcess::Start(const AgentOptions& options) {
  auto agent = std::unique_ptr<AgentProcess>(new AgentProcess(options));
  if (absl::Status status = agent->Build(); !status.ok()) return status;
  agent->loop_thread_ = std::thread([&loop = agent->loop_] { loop.Run(); });
  agent->loop_.Post([raw = agent.get()] { raw->backends_->Start(); });
  agent->home_->Start();
  return agent;
}

absl::Status AgentProcess::Build() {
  absl::StatusOr<std::shared_ptr<CoordinatorRoute>> route =
      CoordinatorRoute::Create(options_.coordinator, options_.ca_file);
  if (!route.ok()) return route.status();
  absl::StatusOr<std::unique_ptr<EmbeddedServer>> embedded = EmbeddedServer::Create(context_);
  if (!embedded.ok()) return embedded.status();
  embedded_ = *std::move(embedded);
  state_ = std::make_unique<ConnectionState>(options_.status_file, file_writer_);
  Backends::Options backends;
  backends.choice = options_.backend;
  backends.openssh_address = options_.openssh_address;
  backends.user = options_.account.user;
  backends.embedded_host_keys = embedded_->host_keys();
  backends.on_error = [this](const std::string& sentence) { board_.SetError(sentence); };
  backends_ = std::make_unique<Backends>(
      loop_, pool_, std::move(backends),
      [this](const v1::AgentStatus& status) { board_.SetBackends(status); });
  board_.SetBackends(backends_->status());
  TunnelDialer::Options dialer;
  dialer.max_tunnels = static_cast<size_t>(options_.max_tunnels);
  dialer.on_result = [this](const v1::DialResult& result) { home_->SendDialResult(result); };
  dialer_ = std::make_unique<TunnelDialer>(loop_, pool_, *backends_, *embedded_, std::move(dialer));
  BuildKeySocket(*route);
  HomeStream::Options home;
  home.credential_file = options_.credential_file;
  home.hello.set_version(kVersion);
  home.hello.set_hostname(HostName());
  home.hello.set_os_user(options_.account.user);
  UpdateEnvironment();
  *home.hello.mutable_status() = board_.status();
  HomeStream::Listener& listener = *this;  // private, so that nobody else takes us for one
  home_ = std::make_unique<HomeStream>(*std::move(route), loop_, listener, std::move(home));
  // Not before: what it says goes home.
  if (options_.manage_files) {
    home_files_ = std::make_unique<HomeFiles>(HomeFiles::Options{options_.account.home}, board_);
  }
  return absl::OkStatus();
}

void AgentProcess::BuildKeySocket(const std::shared_ptr<CoordinatorRoute>& route) {
  signer_ =
      std::make_unique<CoordinatorSigner>(route, loop_, key_socket_pool_, options_.credential_file);
  KeySocket::Options options;
  options.path = KeySocketPath(options_.account);
  key_socket_ = std::make_unique<KeySocket>(
      loop_, key_socket_pool_, *signer_, std::move(options),
      [this](const v1::KeySocketStatus& status) { board_.SetKeySocket(status); });
}

AgentProcess::~AgentProcess() {
  if (home_ != nullptr) home_->Stop();
  loop_.Stop();
  if (loop_thread_.joinable()) loop_thread_.join();
}

void AgentProcess::Stop() {
  Logger("agent")->info("stopping: no new tunnels, {} may go on for {}", dialer_->active(),
                        absl::FormatDuration(options_.drain));
  loop_.Post([this] { dialer_->StopDialing(); });
  const auto idle = [this] { return dialer_->active() == 0; };
  if (!WaitUntilDoneOrSignal(idle, options_.drain)) {
    loop_.Post([this] {
      embedded_->DisconnectAll(kStopping);
      dialer_->CloseRelays();
    });
    WaitUntilDoneOrSignal(idle, kGoodbye);
  }
  loop_.Post([this] { stopping_ = true; });
  home_->Stop();
  loop_.Stop();
  loop_thread_.join();
  key_socket_.reset();  // its name goes
  // Shared with work that may outlive this call if the disk hangs.
  const auto written = std::make_shared<absl::Notification>();
  file_writer_.Submit([written] { written->Notify(); });
  written->WaitForNotificationWithTimeout(kFileTime);
}

void AgentProcess::OnWelcome(const std::string& workspace) {
  LetTimersRest(true);
  loop_.Cancel(std::exchange(staleness_timer_, 0));
  state_->SetConnected(workspace);
}

void AgentProcess::OnOwnerKeys(const v1::OwnerKeys& keys, int64_t revision) {
  const std::vector<std::string> blobs = {keys.public_keys().begin(), keys.public_keys().end()};
  const int closed = embedded_->SetOwnerKeys(blobs) + dialer_->SetOwnerKeys(blobs);
  if (home_files_ != nullptr) home_files_->SetKeys(AuthorizedKeysLines(keys));
  const std::string owner_key = keys.public_keys().empty() ? "" : keys.public_keys(0);
  backends_->SetOwnerKey(owner_key);
  key_socket_->SetKey({owner_key, keys.comment()});
  Acknowledge(revision, closed);
}

void AgentProcess::Acknowledge(int64_t revision, int closed_tunnels) {
  if (revision == 0) return;
  v1::Applied applied;
  applied.set_revision(revision);
  applied.set_closed_tunnels(closed_tunnels);
  if (home_files_ == nullptr) {
    home_->SendApplied(applied);
    return;
  }
  home_files_->WhenTried([this, applied](const std::string& error) mutable {
    applied.set_error(error);
    home_->SendApplied(applied);
  });
}

void AgentProcess::OnSettings(const v1::WorkspaceSettings& settings, int64_t revision) {
  settings_ = settings;
  const int closed = dialer_->SetExternalConnect(!settings.external_connect_off());
  // The socket is a file of the home too.
  if (!options_.manage_files) settings_.set_key_socket(false);
  backends_->SetPinned(settings.pinned_backend());
  key_socket_->SetEnabled(settings_.key_socket());
  UpdateEnvironment();
  Acknowledge(revision, closed);
}

void AgentProcess::UpdateEnvironment() {
  const ResourceLimits limits = ReadResourceLimits();
  const ResourceLimits totals = ReadMachineTotals();
  WorkspaceFacts facts;
  facts.account = options_.account;
  facts.hostname = HostName();
  facts.image = options_.environment;
  facts.settings = settings_;
  facts.assets_root = options_.assets_root;
  // What the record says, else the control group, else the machine.
  const auto first = [](int64_t record, int64_t group, int64_t machine) {
    return record > 0 ? record : group > 0 ? group : machine;
  };
  const v1::ResourceLimits& record = settings_.limits();
  facts.cpu_millis = first(record.cpu_millis(), limits.cpu_millis, totals.cpu_millis);
  facts.memory_bytes = first(record.memory_bytes(), limits.memory_bytes, totals.memory_bytes);
  WorkspaceEnvironment environment = MakeWorkspaceEnvironment(facts);
  context_.environment = std::move(environment.variables);
  if (home_files_ != nullptr) {
    home_files_->SetEnvironment(std::move(environment.lines), std::move(environment.left_out));
  }
  v1::ResourceLimits report;
  report.set_cpu_millis(limits.cpu_millis);
  report.set_memory_bytes(limits.memory_bytes);
  board_.SetLimits(report);
}

void AgentProcess::OnDial(const v1::Dial& dial) { dialer_->Dial(dial); }

void AgentProcess::OnAway(const absl::Status& status) {
  LetTimersRest(false);
  state_->SetDisconnected(stopping_ ? "the agent was stopped" : WhyAway(status, options_));
  if (staleness_timer_ == 0) {
    staleness_timer_ = loop_.After(options_.staleness, [this] { OnStale(); });
  }
}

// The timer is kept as set: once for each time away.
void AgentProcess::OnStale() {
  if (dialer_->active() == 0) return;
  Logger("agent")->error("the coordinator was away for {}: closing {} tunnels",
                         absl::FormatDuration(options_.staleness), dialer_->active());
  embedded_->DisconnectAll(
      "The workspace lost its coordinator, so this session cannot be vouched for any longer.");
  dialer_->CloseRelays();
}

}  // namespace homeport::agent
