#include "agent/first_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/time/clock.h"
#include "base/logging.h"

namespace homeport::agent {
namespace {

constexpr int kNotFound = 127;
constexpr int kNotExecutable = 126;
// An agent that ran this long has no trouble at its start.
constexpr absl::Duration kRanWell = absl::Minutes(1);
// Without this a wait would have no end that a timespec can say.
constexpr absl::Duration kLongestWait = absl::Hours(1);

sigset_t AllSignals() {
  sigset_t all;
  sigfillset(&all);
  // These say that this very process did something wrong.
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT}) {
    sigdelset(&all, number);
  }
  return all;
}

// Ours alone, or news of the terminal that the command gets by itself.
bool IsForCommand(int number) {
  return number != SIGCHLD && number != SIGPIPE && number != SIGTTIN && number != SIGTTOU &&
         number != SIGTSTP;
}

int ExitStatus(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

std::vector<char*> Pointers(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (const std::string& string : strings) pointers.push_back(const_cast<char*>(string.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

int FirstProcess::Run() {
  const sigset_t all = AllSignals();
  sigprocmask(SIG_BLOCK, &all, &usual_signals_);
  prctl(PR_SET_CHILD_SUBREAPER, 1);  // when we are not process 1
  pause_ = plan_.first_pause;
  if (!StartAgent() || (!plan_.command.empty() && !StartCommand())) {
    fprintf(stderr, "homeport-agent: cannot start a process: %s\n", strerror(errno));
    StopAgent();
    return 1;
  }
  for (;;) {
    if (Reap()) break;
    if (absl::Now() >= agent_due_) StartAgent();
    const timespec wait =
        absl::ToTimespec(std::clamp(agent_due_ - absl::Now(), absl::ZeroDuration(), kLongestWait));
    const int number = sigtimedwait(&all, nullptr, &wait);
    if (number > 0 && IsForCommand(number)) PassOn(number);
  }
  StopAgent();
  return status_;
}

bool FirstProcess::StartCommand() {
  const pid_t pid = fork();
  if (pid < 0) return false;
  if (pid == 0) ExecCommand();
  command_ = pid;
  return true;
}

void FirstProcess::ExecCommand() {
  // A job of its own, in the foreground if there is a terminal: Ctrl-C is for it alone.
  setpgid(0, 0);
  if (isatty(STDIN_FILENO) == 1) tcsetpgrp(STDIN_FILENO, getpid());
  sigprocmask(SIG_SETMASK, &usual_signals_, nullptr);
  execvpe(plan_.command[0].c_str(), Pointers(plan_.command).data(),
          Pointers(plan_.environment).data());
  const int error = errno;
  fprintf(stderr, "homeport-agent: cannot run %s: %s\n", plan_.command[0].c_str(), strerror(error));
  _exit(error == ENOENT ? kNotFound : kNotExecutable);
}

bool FirstProcess::StartAgent() {
  agent_due_ = absl::InfiniteFuture();
  agent_started_ = absl::Now();
  const pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    // Standard input is the command's.
    if (const int null = open("/dev/null", O_RDONLY | O_CLOEXEC); null >= 0) {
      dup2(null, STDIN_FILENO);
    }
    sigprocmask(SIG_SETMASK, &usual_signals_, nullptr);
    const int status = plan_.agent();
    fflush(nullptr);
    _exit(status);
  }
  if (pid < 0) {
    agent_due_ = absl::Now() + pause_;
    return false;
  }
  agent_ = pid;
  return true;
}

bool FirstProcess::Reap() {
  bool over = false;
  int wait_status = 0;
  for (;;) {
    const pid_t pid = waitpid(-1, &wait_status, WNOHANG);
    if (pid < 0 && errno == EINTR) continue;
    if (pid <= 0) return over;
    if (pid == agent_) {
      OnAgentEnded(wait_status);
      over = over || plan_.command.empty();
    } else if (pid == command_) {
      command_ = 0;
      status_ = ExitStatus(wait_status);
      over = true;
    }
  }
}

void FirstProcess::OnAgentEnded(int wait_status) {
  agent_ = 0;
  if (plan_.command.empty()) {
    status_ = ExitStatus(wait_status);
    return;
  }
  if (ending_) return;
  if (absl::Now() - agent_started_ >= kRanWell) pause_ = plan_.first_pause;
  Logger("first_process")
      ->error("the agent ended with status {}; it is started again in {}", ExitStatus(wait_status),
              absl::FormatDuration(pause_));
  agent_due_ = absl::Now() + pause_;
  pause_ = std::min(pause_ * 2, plan_.longest_pause);
}

void FirstProcess::PassOn(int signal) {
  if (command_ > 0) kill(command_, signal);
  // The container is to end: the agent takes no new connections and lets those that stand finish.
  const bool to_end = signal == SIGTERM || signal == SIGINT;
  ending_ = ending_ || signal == SIGTERM;
  if (agent_ > 0 && (plan_.command.empty() ? to_end : signal == SIGTERM)) kill(agent_, SIGTERM);
}

void FirstProcess::StopAgent() {
  if (agent_ <= 0) return;
  // The second ends what the agent waits for after the first.
  kill(agent_, SIGTERM);
  kill(agent_, SIGINT);
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  const absl::Time deadline = absl::Now() + plan_.agent_grace;
  while (waitpid(agent_, nullptr, WNOHANG) == 0) {
    const absl::Duration left = deadline - absl::Now();
    if (left <= absl::ZeroDuration()) {
      kill(agent_, SIGKILL);
      waitpid(agent_, nullptr, 0);
      break;
    }
    const timespec wait = absl::ToTimespec(left);
    sigtimedwait(&child, nullptr, &wait);
  }
  agent_ = 0;
}

}  // namespace homeport::agent
