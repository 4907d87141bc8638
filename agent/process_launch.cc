#include "agent/process_launch.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/termination.h"

namespace homeport::agent {
namespace {

// Enough for the most tunnels that make sense; libssh keeps descriptors in 16 bits.
constexpr rlim_t kMostDescriptors = 16384;
// How long exec may take (a program on a slow network file system) before we take it as started.
constexpr int kExecWaitMilliseconds = 2000;

// Set once by RaiseDescriptorLimit, before threads start.
std::optional<rlimit> original_limit;  // NOLINT: a process has one limit

struct PipePair {
  UniqueFd read;
  UniqueFd write;
};

absl::StatusOr<PipePair> MakePipe() {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) return ErrnoStatus(errno, "cannot make a pipe");
  PipePair made;
  made.read.Reset(fds[0]);
  made.write.Reset(fds[1]);
  return made;
}

void SetNonBlocking(int fd) { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

std::vector<char*> Pointers(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (const std::string& string : strings) pointers.push_back(const_cast<char*>(string.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// All that the child needs, ready before fork.
struct ChildPlan {
  const char* program;
  char* const* arguments;
  char* const* environment;
  const char* folder;
  int stdio[3];
  bool terminal;
  int report;  // where errno goes when exec fails; close-on-exec
};

void MarkCloseOnExec() {
  if (syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
  // Kernels before 5.11. Our own descriptors are all close-on-exec; a library's might not be.
  for (int fd = 3; fd < 1024; ++fd) fcntl(fd, F_SETFD, FD_CLOEXEC);
}

[[noreturn]] void RunChild(const ChildPlan& plan) {
  RestoreSignalsInChild();
  setsid();
  if (plan.terminal) ioctl(plan.stdio[0], TIOCSCTTY, 0);
  bool ready = true;
  for (int fd = 0; fd < 3; ++fd) ready = ready && dup2(plan.stdio[fd], fd) == fd;
  if (ready) {
    if (original_limit.has_value()) setrlimit(RLIMIT_NOFILE, &*original_limit);
    MarkCloseOnExec();
    if (chdir(plan.folder) != 0 && chdir("/") != 0) {
      // Wherever the agent stands, then.
    }
    execve(plan.program, plan.arguments, plan.environment);
  }
  const int error = errno;
  [[maybe_unused]] const ssize_t written = write(plan.report, &error, sizeof(error));
  _exit(127);
}

// Waits until the child has executed the program, or says why it could not.
absl::Status AwaitExec(int report, pid_t pid, const std::string& program) {
  pollfd wait = {report, POLLIN, 0};
  int ready = 0;
  do {
    ready = poll(&wait, 1, kExecWaitMilliseconds);
  } while (ready < 0 && errno == EINTR);
  int error = 0;
  if (ready <= 0 || read(report, &error, sizeof(error)) != sizeof(error)) return absl::OkStatus();
  while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  return ErrnoStatus(error, absl::StrCat("cannot execute ", program));
}

absl::StatusOr<pid_t> Fork(const ProcessPlan& plan, int in, int out, int err, bool terminal) {
  absl::StatusOr<PipePair> report = MakePipe();
  if (!report.ok()) return report.status();
  const std::vector<char*> arguments = Pointers(plan.arguments);
  const std::vector<char*> environment = Pointers(plan.environment);
  const ChildPlan child = {plan.program.c_str(), arguments.data(), environment.data(),
                           plan.folder.c_str(),  {in, out, err},   terminal,
                           report->write.get()};
  const pid_t pid = fork();
  if (pid < 0) return ErrnoStatus(errno, "cannot make a process");
  if (pid == 0) RunChild(child);
  report->write.Reset();
  if (absl::Status status = AwaitExec(report->read.get(), pid, plan.program); !status.ok()) {
    return status;
  }
  return pid;
}

}  // namespace

absl::StatusOr<LaunchedProcess> LaunchOnPipes(const ProcessPlan& plan) {
  absl::StatusOr<PipePair> in = MakePipe();
  if (!in.ok()) return in.status();
  absl::StatusOr<PipePair> out = MakePipe();
  if (!out.ok()) return out.status();
  absl::StatusOr<PipePair> err = MakePipe();
  if (!err.ok()) return err.status();
  absl::StatusOr<pid_t> pid =
      Fork(plan, in->read.get(), out->write.get(), err->write.get(), /*terminal=*/false);
  if (!pid.ok()) return pid.status();
  LaunchedProcess process;
  process.pid = *pid;
  process.input = std::move(in->write);
  process.output = std::move(out->read);
  process.error = std::move(err->read);
  for (const UniqueFd* fd : {&process.input, &process.output, &process.error}) {
    SetNonBlocking(fd->get());
  }
  return process;
}

absl::StatusOr<LaunchedProcess> LaunchOnPty(const ProcessPlan& plan, Pty& pty) {
  LaunchedProcess process;
  process.input.Reset(fcntl(pty.master(), F_DUPFD_CLOEXEC, 3));
  process.output.Reset(fcntl(pty.master(), F_DUPFD_CLOEXEC, 3));
  if (!process.input.valid() || !process.output.valid()) {
    return ErrnoStatus(errno, "cannot duplicate the pseudo-terminal");
  }
  absl::StatusOr<pid_t> pid = Fork(plan, pty.slave(), pty.slave(), pty.slave(), /*terminal=*/true);
  if (!pid.ok()) return pid.status();
  process.pid = *pid;
  pty.CloseSlave();
  return process;
}

void RaiseDescriptorLimit() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  original_limit = limit;
  limit.rlim_cur = std::max(limit.rlim_cur, std::min(limit.rlim_max, kMostDescriptors));
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace homeport::agent
