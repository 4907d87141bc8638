#include "agent/process_reaper.h"

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <utility>
#include <vector>

namespace homeport::agent {
namespace {

constexpr absl::Duration kPollInterval = absl::Milliseconds(20);

}  // namespace

ProcessReaper::~ProcessReaper() {
  loop_.Cancel(poll_timer_);
  for (const auto& [pid, process] : processes_) {
    if (process.pidfd.valid()) loop_.Unwatch(process.pidfd.get());
  }
}

void ProcessReaper::Adopt(pid_t pid, ExitCallback on_exit) {
  Process& process = processes_[pid];
  process.on_exit = std::move(on_exit);
  process.pidfd.Reset(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (process.pidfd.valid()) {
    loop_.Watch(process.pidfd.get(), EPOLLIN, [this, pid](uint32_t) { TryReap(pid); });
  } else if (poll_timer_ == 0) {
    poll_timer_ = loop_.After(kPollInterval, [this] { Poll(); });
  }
}

void ProcessReaper::Forget(pid_t pid) {
  const auto found = processes_.find(pid);
  if (found != processes_.end()) found->second.on_exit = nullptr;
}

void ProcessReaper::TryReap(pid_t pid) {
  int status = 0;
  const pid_t reaped = waitpid(pid, &status, WNOHANG);
  if (reaped == 0 || (reaped < 0 && errno == EINTR)) return;
  const auto found = processes_.find(pid);
  if (found->second.pidfd.valid()) loop_.Unwatch(found->second.pidfd.get());
  const ExitCallback on_exit = std::move(found->second.on_exit);
  processes_.erase(found);
  if (on_exit) on_exit(status);
}

void ProcessReaper::Poll() {
  poll_timer_ = 0;
  std::vector<pid_t> polled;
  for (const auto& [pid, process] : processes_) {
    if (!process.pidfd.valid()) polled.push_back(pid);
  }
  for (const pid_t pid : polled) TryReap(pid);
  if (!polled.empty() && poll_timer_ == 0) {
    poll_timer_ = loop_.After(kPollInterval, [this] { Poll(); });
  }
}

}  // namespace homeport::agent
