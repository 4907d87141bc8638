#include "agent/agent_process.h"

#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "base/address.h"
#include "base/file.h"
#include "base/logging.h"
#include "base/termination.h"
#include "base/version.h"
#include "rpc/channel.h"
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
      context_{loop_, reaper_, options.account, options.environment, resolver_, options.embedded},
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
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel =
      MakeChannel(options_.coordinator, options_.ca_file);
  if (!channel.ok()) return channel.status();
  absl::StatusOr<std::unique_ptr<EmbeddedServer>> embedded = EmbeddedServer::Create(context_);
  if (!embedded.ok()) return embedded.status();
  embedded_ = *std::move(embedded);
  state_ = std::make_unique<ConnectionState>(options_.status_file, file_writer_);
  Backends::Options backends;
  backends.choice = options_.backend;
  backends.openssh_address = options_.openssh_address;
  backends.embedded_host_keys = embedded_->host_keys();
  backends_ = std::make_unique<Backends>(
      loop_, pool_, std::move(backends),
      [this](const v1::AgentStatus& status) { home_->SetBackends(status); });
  TunnelDialer::Options dialer;
  dialer.max_tunnels = static_cast<size_t>(options_.max_tunnels);
  dialer.on_result = [this](const v1::DialResult& result) { home_->SendDialResult(result); };
  dialer_ = std::make_unique<TunnelDialer>(loop_, pool_, *backends_, *embedded_, std::move(dialer));
  HomeStream::Options home;
  home.credential_file = options_.credential_file;
  home.hello.set_version(kVersion);
  home.hello.set_hostname(HostName());
  home.hello.set_os_user(options_.account.user);
  *home.hello.mutable_status() = backends_->status();
  HomeStream::Listener& listener = *this;  // private, so that nobody else takes us for one
  home_ = std::make_unique<HomeStream>(*std::move(channel), loop_, listener, std::move(home));
  return absl::OkStatus();
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
  // Shared with work that may outlive this call if the disk hangs.
  const auto written = std::make_shared<absl::Notification>();
  file_writer_.Submit([written] { written->Notify(); });
  written->WaitForNotificationWithTimeout(kFileTime);
}

void AgentProcess::OnWelcome(const std::string& workspace) {
  LetTimersRest(true);
  state_->SetConnected(workspace);
}

void AgentProcess::OnOwnerKeys(const std::vector<std::string>& public_blobs) {
  embedded_->SetOwnerKeys(public_blobs);
}

void AgentProcess::OnSettings(const v1::WorkspaceSettings& settings) { settings_ = settings; }

void AgentProcess::OnDial(const v1::Dial& dial) { dialer_->Dial(dial); }

void AgentProcess::OnAway(const absl::Status& status) {
  LetTimersRest(false);
  state_->SetDisconnected(stopping_ ? "the agent was stopped" : WhyAway(status, options_));
}

}  // namespace homeport::agent
