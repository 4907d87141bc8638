#include "agent/embedded_session.h"

#include <sys/types.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/exit_report.h"
#include "agent/sftp/sftp_process.h"
#include "agent/signal_name.h"
#include "agent/xauthority_process.h"
#include "base/logging.h"

namespace homeport::agent {
namespace {

// What a client may put into the environment, as OpenSSH bounds it by number.
constexpr size_t kMostVariables = 128;
constexpr size_t kMostEnvironmentBytes = 64 << 10;

// This very file, even if there is a newer one in its place.
constexpr char kSelf[] = "/proc/self/exe";

std::string BaseName(const std::string& path) { return path.substr(path.rfind('/') + 1); }

bool HoldsNul(absl::string_view text) { return text.find('\0') != absl::string_view::npos; }

}  // namespace

EmbeddedSession::EmbeddedSession(SessionContext& context, SessionConnection& connection)
    : context_(context), connection_(connection) {}

EmbeddedSession::~EmbeddedSession() { HangUp(); }

void EmbeddedSession::OnOpened(ssh::Channel& channel) { channel_ = &channel; }

void EmbeddedSession::OnData(absl::string_view data) {
  if (input_ != nullptr) {
    input_->Write(data);
  } else if (pid_ == 0) {
    early_input_.append(data.data(), data.size());
  } else {
    channel_->Consumed(data.size());
  }
}

void EmbeddedSession::OnEof() {
  eof_received_ = true;
  // A terminal has no end of input of its own: the user's ^D is one, the end of the channel's data
  // is not.
  if (input_ != nullptr && !pty_.has_value()) input_->CloseWhenWritten();
}

bool EmbeddedSession::OnRequest(const std::string& type, WireReader payload) {
  if (type == "env") return OnEnvironment(payload);
  if (type == "pty-req") return OnPtyRequest(payload);
  if (type == "window-change") return OnWindowChange(payload);
  if (type == "signal") return OnSignal(payload);
  if (type == "break") return OnBreak(payload);
  if (type == "eow@openssh.com") return OnEndOfWrite();
  if (type == "auth-agent-req@openssh.com") return OnAgentRequest(payload);
  if (type == "x11-req") return OnX11Request(payload);
  if (type == "shell") return payload.AtEnd() && Start(std::nullopt);
  if (type == "exec") {
    const std::string command(payload.String());
    return payload.AtEnd() && !HoldsNul(command) && Start(command);
  }
  if (type == "subsystem") {
    const absl::string_view name = payload.String();
    return payload.AtEnd() && name == "sftp" && Launch(MakeSftpPlan());
  }
  return false;
}

bool EmbeddedSession::OnEnvironment(WireReader payload) {
  const std::string name(payload.String());
  const std::string value(payload.String());
  if (!payload.AtEnd() || !AcceptsVariable(name) || HoldsNul(value)) return false;
  environment_bytes_ += name.size() + value.size();
  if (environment_.from_client.size() >= kMostVariables ||
      environment_bytes_ > kMostEnvironmentBytes) {
    return false;
  }
  environment_.from_client.emplace_back(name, value);
  return true;
}

bool EmbeddedSession::OnPtyRequest(WireReader payload) {
  if (pid_ != 0 || pty_.has_value()) return false;
  absl::StatusOr<PtyRequest> request = ParsePtyRequest(payload);
  absl::StatusOr<Pty> pty = request.ok() ? Pty::Open(*request) : request.status();
  if (!pty.ok()) {
    Logger("embedded")
        ->warn("session={} no terminal: {}", connection_.label, Printable(pty.status().message()));
    return false;
  }
  pty_ = *std::move(pty);
  environment_.terminal_type = request->terminal_type;
  environment_.tty = pty_->device();
  return true;
}

bool EmbeddedSession::OnWindowChange(WireReader payload) {
  const absl::StatusOr<WindowSize> size = ParseWindowChange(payload);
  if (!size.ok() || !pty_.has_value()) return false;
  pty_->Resize(*size);
  return true;
}

bool EmbeddedSession::OnSignal(WireReader payload) {
  const absl::string_view name = payload.String();
  const std::optional<int> number = payload.AtEnd() ? SignalNumber(name) : std::nullopt;
  // Once collected, the pid may be somebody else's.
  if (!number.has_value() || pid_ == 0 || wait_status_.has_value()) return false;
  return kill(-pid_, *number) == 0;
}

bool EmbeddedSession::OnBreak(WireReader payload) {
  payload.Uint32();  // RFC 4335, 3: its length in milliseconds; the system's default serves
  if (!payload.AtEnd() || !pty_.has_value()) return false;
  pty_->SendBreak();
  return true;
}

bool EmbeddedSession::OnEndOfWrite() {
  // OpenSSH PROTOCOL, 2.1: the client's own reader is gone (`ssh … cat /dev/zero | head -c 1`).
  if (output_ == nullptr) return false;
  output_->Abandon();
  return true;
}

bool EmbeddedSession::OnAgentRequest(WireReader payload) {
  if (!payload.AtEnd()) return false;
  const absl::Status status = connection_.agent_forward.Start();
  if (!status.ok() && !absl::IsAlreadyExists(status)) {
    Logger("embedded")
        ->warn("session={} no agent: {}", connection_.label, Printable(status.message()));
  }
  return status.ok();
}

bool EmbeddedSession::OnX11Request(WireReader payload) {
  if (pid_ != 0 || x11_ != nullptr) return false;
  absl::StatusOr<X11Request> request = ParseX11Request(payload);
  absl::StatusOr<std::unique_ptr<X11Forward>> x11 =
      request.ok() ? X11Forward::Create(context_.loop, connection_.server, *std::move(request))
                   : request.status();
  if (!x11.ok()) {
    Logger("embedded")
        ->warn("session={} no X11: {}", connection_.label, Printable(x11.status().message()));
    return false;
  }
  x11_ = *std::move(x11);
  return true;
}

bool EmbeddedSession::Start(const std::optional<std::string>& command) {
  return Launch(MakePlan(command));
}

bool EmbeddedSession::Launch(const ProcessPlan& plan) {
  if (pid_ != 0) return false;
  absl::StatusOr<LaunchedProcess> process =
      pty_.has_value() ? LaunchOnPty(plan, *pty_) : LaunchOnPipes(plan);
  if (!process.ok()) {
    Logger("embedded")
        ->error("session={} {}", connection_.label, Printable(process.status().message()));
    return false;
  }
  Connect(*std::move(process));
  return true;
}

ProcessPlan EmbeddedSession::MakePlan(const std::optional<std::string>& command) {
  ProcessPlan plan;
  plan.program = context_.account.shell;
  if (command.has_value()) {
    plan.arguments = {BaseName(plan.program), "-c", *command};
  } else {
    plan.arguments = {absl::StrCat("-", BaseName(plan.program))};  // a login shell
  }
  if (!command.has_value() && pty_.has_value()) {
    plan.greetings = context_.options.motd_files;
    plan.hush = absl::StrCat(context_.account.home, "/.hushlogin");
  }
  environment_.endpoints = connection_.endpoints;
  environment_.agent_socket = connection_.agent_forward.socket_path();
  if (x11_ != nullptr) environment_.display = x11_->display();
  plan.environment = context_.environment;
  plan.environment_file = absl::StrCat(context_.account.home, "/.ssh/environment");
  plan.session_environment = MakeEnvironment(environment_, context_.account);
  plan.preparations = MakePreparations();
  plan.folder = context_.account.home;
  return plan;
}

ProcessPlan EmbeddedSession::MakeSftpPlan() {
  ProcessPlan plan = MakePlan(std::nullopt);
  plan.program = kSelf;
  plan.arguments = {"homeport-agent", sftp::kSubcommand};
  return plan;
}

std::vector<Preparation> EmbeddedSession::MakePreparations() const {
  // sshd(8), SSHRC: the account's file, else the machine's, else xauth; without that we do its
  // work.
  const std::string rc = absl::StrCat(context_.account.home, "/.ssh/rc");
  const std::string machine_rc = "/etc/ssh/sshrc";
  const std::string input = x11_ == nullptr ? "" : x11_->rc_input();
  std::vector<Preparation> preparations = {
      {rc,
       context_.account.shell,
       {BaseName(context_.account.shell), "-c", "/bin/sh .ssh/rc"},
       input},
      {machine_rc, "/bin/sh", {"sh", machine_rc}, input}};
  if (x11_ != nullptr) {
    const std::string& xauth = context_.options.xauth;
    preparations.push_back({xauth, xauth, {xauth, "-q", "-"}, x11_->xauth_commands()});
    preparations.push_back(
        {kSelf, kSelf, {"homeport-agent", kAddXauthority}, x11_->xauthority_input()});
  }
  return preparations;
}

void EmbeddedSession::Connect(LaunchedProcess process) {
  pid_ = process.pid;
  context_.reaper.Adopt(pid_, [this](int wait_status) { OnExit(wait_status); });
  input_ = std::make_unique<ProcessInput>(
      context_.loop, std::move(process.input), [this](size_t bytes) { OnInputTaken(bytes); },
      [this] { SendEndOfWrite(); });
  output_ = MakeOutput(std::move(process.output), /*is_stderr=*/false);
  if (process.error.valid()) {
    error_output_ = MakeOutput(std::move(process.error), /*is_stderr=*/true);
  }
  const std::string early = std::move(early_input_);
  early_input_ = std::string();
  environment_ = {};
  if (!early.empty()) input_->Write(early);
  if (eof_received_) OnEof();
}

std::unique_ptr<ProcessOutput> EmbeddedSession::MakeOutput(UniqueFd fd, bool is_stderr) {
  ProcessOutput::Callbacks callbacks;
  callbacks.room = [this] { return channel_->writable_bytes(); };
  callbacks.take = [this, is_stderr](absl::string_view data) {
    if (is_stderr) {
      channel_->WriteStderr(data);
    } else {
      channel_->Write(data);
    }
  };
  callbacks.ended = [this] { OnOutputEnded(); };
  return std::make_unique<ProcessOutput>(context_.loop, std::move(fd), std::move(callbacks));
}

void EmbeddedSession::OnWritable() {
  if (output_ != nullptr) output_->OnRoom();
  if (error_output_ != nullptr) error_output_->OnRoom();
}

void EmbeddedSession::OnInputTaken(size_t bytes) { channel_->Consumed(bytes); }

void EmbeddedSession::SendEndOfWrite() {
  if (!connection_.client_is_openssh || eof_received_ || close_received_ || end_of_write_sent_)
    return;
  end_of_write_sent_ = true;
  channel_->SendRequest("eow@openssh.com", "");
}

void EmbeddedSession::OnExit(int wait_status) {
  wait_status_ = wait_status;
  if (pty_.has_value()) {
    output_->EndWhenEmpty();
  } else {
    // What it printed goes first. Others may hold its pipes for long; the client hears of the exit
    // all the same.
    output_->ReadAvailable();
    if (error_output_ != nullptr) error_output_->ReadAvailable();
    ReportExit();
  }
  FinishIfOver();
}

void EmbeddedSession::OnOutputEnded() {
  const bool over = output_->ended() && (error_output_ == nullptr || error_output_->ended());
  // On a terminal the exit status follows at once. On pipes a process that has closed its output
  // may live on.
  if (over && !pty_.has_value()) channel_->SendEof();
  FinishIfOver();
}

void EmbeddedSession::ReportExit() {
  if (std::exchange(exit_reported_, true)) return;
  const ExitReport report = MakeExitReport(*wait_status_);
  channel_->SendRequest(report.type, report.payload);
  SendEndOfWrite();
}

void EmbeddedSession::FinishIfOver() {
  if (finished_ || !wait_status_.has_value() || !output_->ended()) return;
  if (error_output_ != nullptr && !error_output_->ended()) return;
  finished_ = true;
  ReportExit();
  channel_->SendEof();
  channel_->Close();
}

bool EmbeddedSession::OnCloseReceived() {
  close_received_ = true;
  if (pid_ == 0 || wait_status_.has_value()) return true;
  // Many clients close as soon as they have both ends of file, and still want to hear how the
  // process ends. Nobody takes what it prints any more, but what was sent to it is still its.
  output_->Abandon();
  if (error_output_ != nullptr) error_output_->Abandon();
  if (pty_.has_value()) {
    input_.reset();
    pty_.reset();  // hangs up
  } else {
    input_->CloseWhenWritten();
  }
  return false;
}

void EmbeddedSession::OnClosed() { HangUp(); }

void EmbeddedSession::HangUp() {
  // Once collected, the pid may be another session's.
  if (pid_ != 0 && !wait_status_.has_value()) context_.reaper.Forget(pid_);
  input_.reset();
  output_.reset();
  error_output_.reset();
  x11_.reset();
  pty_.reset();
}

}  // namespace homeport::agent
