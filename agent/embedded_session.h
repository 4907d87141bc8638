// A session channel of the embedded server (RFC 4254, 6): one shell, command or SFTP server,
// with or without a terminal.
//
//   client ── env, pty-req ──▶ shell | exec | subsystem ──▶ data ──▶ exit-status, EOF, close
//
// The process's last bytes always reach the client before its exit status. On pipes the session
// lasts until the process has ended and nobody holds its output any more; on a terminal until the
// process has ended. When the channel goes first, the terminal hangs up (the kernel sends SIGHUP)
// or the pipes close; the process is collected by the reaper.
//
// Threads: the loop's.
#ifndef HOMEPORT_AGENT_EMBEDDED_SESSION_H_
#define HOMEPORT_AGENT_EMBEDDED_SESSION_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/account.h"
#include "agent/process_input.h"
#include "agent/process_launch.h"
#include "agent/process_output.h"
#include "agent/process_reaper.h"
#include "agent/pty.h"
#include "agent/session_environment.h"
#include "base/event_loop.h"
#include "ssh/channel.h"

namespace homeport::agent {

// What all sessions of an agent have in common. Outlives them.
struct SessionContext {
  EventLoop& loop;
  ProcessReaper& reaper;
  const Account account;
  const std::vector<std::string> inherited_environment;  // "NAME=value"
};

class EmbeddedSession : public ssh::ChannelHandler {
 public:
  // `label` names the connection in logs.
  EmbeddedSession(SessionContext& context, std::string label);
  ~EmbeddedSession() override;

  void OnOpened(ssh::Channel& channel) override;
  void OnData(absl::string_view data) override;
  void OnEof() override;
  bool OnRequest(const std::string& type, WireReader payload) override;
  void OnWritable() override;
  void OnClosed() override;

 private:
  bool OnEnvironment(WireReader payload);
  bool OnPtyRequest(WireReader payload);
  bool OnWindowChange(WireReader payload);
  bool OnSignal(WireReader payload);
  bool OnBreak(WireReader payload);
  bool OnEndOfWrite();
  // Starts a login shell, or `command` in a shell.
  bool Start(const std::optional<std::string>& command);
  bool Launch(const ProcessPlan& plan);
  ProcessPlan MakePlan(const std::optional<std::string>& command) const;
  ProcessPlan MakeSftpPlan() const;
  void Connect(LaunchedProcess process);
  std::unique_ptr<ProcessOutput> MakeOutput(UniqueFd fd, bool is_stderr);
  void OnExit(int wait_status);
  void OnOutputEnded();
  // Tells the client how it ended once everything has been said.
  void FinishIfOver();
  void HangUp();

  SessionContext& context_;
  const std::string label_;
  ssh::Channel* channel_ = nullptr;
  EnvironmentSources environment_;
  size_t environment_bytes_ = 0;
  std::optional<Pty> pty_;
  std::string early_input_;  // sent before shell or exec; within the window
  bool eof_received_ = false;
  pid_t pid_ = 0;  // 0 before the start
  std::optional<int> wait_status_;
  std::unique_ptr<ProcessInput> input_;
  std::unique_ptr<ProcessOutput> output_;
  std::unique_ptr<ProcessOutput> error_output_;
  bool finished_ = false;
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_EMBEDDED_SESSION_H_
