// A session channel of the embedded server (RFC 4254, 6): one shell, command or SFTP server,
// with or without a terminal.
//
//   client ── env, pty-req ──▶ shell | exec | subsystem ──▶ data ──▶ exit-status, EOF, close
//
// What the process itself printed reaches the client before its exit status. On pipes the channel
// lasts until nobody holds the process's output any more; on a terminal until the process has
// ended. When the channel goes first, the terminal hangs up (the kernel sends SIGHUP) or the pipes
// close, once what the client sent before has been taken; the process is collected by the reaper.
//
// All as sshd does it, also where that is odd: every session of a connection has the agent's socket
// once one has asked for it; a shell that cannot be executed is an exit status and not a failure.
//
// Threads: the loop's.
#ifndef HOMEPORT_AGENT_EMBEDDED_SESSION_H_
#define HOMEPORT_AGENT_EMBEDDED_SESSION_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/account.h"
#include "agent/agent_forward.h"
#include "agent/embedded_options.h"
#include "agent/process_input.h"
#include "agent/process_launch.h"
#include "agent/process_output.h"
#include "agent/process_reaper.h"
#include "agent/pty.h"
#include "agent/session_endpoints.h"
#include "agent/session_environment.h"
#include "agent/x11_forward.h"
#include "base/event_loop.h"
#include "base/worker_pool.h"
#include "ssh/channel.h"
#include "ssh/connection_server.h"

namespace homeport::agent {

// What all sessions of an agent have in common. Outlives them.
struct SessionContext {
  EventLoop& loop;
  ProcessReaper& reaper;
  const Account account;
  std::vector<std::string> environment;  // "NAME=value"; sessions that start later see a change
  WorkerPool& resolver;                  // where names are looked up
  const EmbeddedOptions options;
};

// What all sessions of a connection have in common. Outlives them.
struct SessionConnection {
  const std::string label;  // names the connection in logs
  const std::optional<SessionEndpoints> endpoints;
  const bool client_is_openssh;  // knows eow@openssh.com
  ssh::ConnectionServer& server;
  AgentForward& agent_forward;
};

class EmbeddedSession : public ssh::ChannelHandler {
 public:
  EmbeddedSession(SessionContext& context, SessionConnection& connection);
  ~EmbeddedSession() override;

  void OnOpened(ssh::Channel& channel) override;
  void OnData(absl::string_view data) override;
  void OnEof() override;
  bool OnRequest(const std::string& type, WireReader payload) override;
  void OnWritable() override;
  bool OnCloseReceived() override;
  void OnClosed() override;

 private:
  bool OnEnvironment(WireReader payload);
  bool OnPtyRequest(WireReader payload);
  bool OnWindowChange(WireReader payload);
  bool OnSignal(WireReader payload);
  bool OnBreak(WireReader payload);
  bool OnEndOfWrite();
  bool OnAgentRequest(WireReader payload);
  bool OnX11Request(WireReader payload);
  // Starts a login shell, or `command` in a shell.
  bool Start(const std::optional<std::string>& command);
  bool Launch(const ProcessPlan& plan);
  ProcessPlan MakePlan(const std::optional<std::string>& command);
  ProcessPlan MakeSftpPlan();
  std::vector<Preparation> MakePreparations() const;
  void Connect(LaunchedProcess process);
  std::unique_ptr<ProcessOutput> MakeOutput(UniqueFd fd, bool is_stderr);
  void OnInputTaken(size_t bytes);
  // Tells the client that nobody reads what it sends (OpenSSH PROTOCOL, 2.1).
  void SendEndOfWrite();
  void OnExit(int wait_status);
  void OnOutputEnded();
  // Tells the client how the process ended.
  void ReportExit();
  // Closes the channel once everything has been said.
  void FinishIfOver();
  void HangUp();

  SessionContext& context_;
  SessionConnection& connection_;
  ssh::Channel* channel_ = nullptr;
  EnvironmentSources environment_;
  size_t environment_bytes_ = 0;
  std::optional<Pty> pty_;
  std::string early_input_;  // sent before shell or exec; within the window
  bool eof_received_ = false;
  bool close_received_ = false;
  bool end_of_write_sent_ = false;
  pid_t pid_ = 0;  // 0 before the start
  std::optional<int> wait_status_;
  std::unique_ptr<ProcessInput> input_;
  std::unique_ptr<ProcessOutput> output_;
  std::unique_ptr<ProcessOutput> error_output_;
  std::unique_ptr<X11Forward> x11_;
  bool exit_reported_ = false;
  bool finished_ = false;
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_EMBEDDED_SESSION_H_
