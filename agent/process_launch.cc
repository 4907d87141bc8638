#include "agent/process_launch.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <optional>

#include "absl/strings/str_cat.h"
#include "agent/child_environment.h"
#include "base/file.h"
#include "base/termination.h"

namespace homeport::agent {
namespace {

// Enough for the most tunnels that make sense; libssh keeps descriptors in 16 bits.
constexpr rlim_t kMostDescriptors = 16384;

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

// A Preparation, ready before fork.
struct ChildPreparation {
  const char* condition;
  const char* program;
  std::vector<char*> arguments;
  absl::string_view input;
};

// All that the child needs, ready before fork.
struct ChildPlan {
  const char* program;
  std::vector<char*> arguments;
  ChildEnvironment environment;
  const char* folder = nullptr;
  int stdio[3] = {};
  bool terminal = false;
  std::vector<char*> greetings = {};  // ends with null
  const char* hush = nullptr;
  std::vector<ChildPreparation> preparations = {};
  std::string complaint = {};  // what is said if the program cannot be executed
};

void MarkCloseOnExec() {
  if (syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
  // Kernels before 5.11. Our own descriptors are all close-on-exec; a library's might not be.
  for (int fd = 3; fd < 1024; ++fd) fcntl(fd, F_SETFD, FD_CLOEXEC);
}

void WriteInChild(int fd, absl::string_view text) {
  while (!text.empty()) {
    const ssize_t n = write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    text.remove_prefix(static_cast<size_t>(n));
  }
}

void GreetInChild(const ChildPlan& plan) {
  struct stat there = {};
  if (stat(plan.hush, &there) == 0) return;
  for (char* const* path = plan.greetings.data(); *path != nullptr; ++path) {
    const int file = open(*path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char buffer[4096];
    ssize_t n = 0;
    while (file >= 0 && (n = read(file, buffer, sizeof(buffer))) > 0) {
      WriteInChild(STDOUT_FILENO, {buffer, static_cast<size_t>(n)});
    }
    if (file >= 0) close(file);
  }
}

// Runs it with the session's output and error and waits for its end.
void PrepareInChild(const ChildPreparation& preparation, char* const* environment) {
  int input[2];
  if (pipe2(input, O_CLOEXEC) != 0) return;
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(input[0], STDIN_FILENO);
    execve(preparation.program, preparation.arguments.data(), environment);
    _exit(127);
  }
  close(input[0]);
  signal(SIGPIPE, SIG_IGN);  // it need not read
  if (pid > 0) WriteInChild(input[1], preparation.input);
  signal(SIGPIPE, SIG_DFL);
  close(input[1]);
  while (pid > 0 && waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

[[noreturn]] void RunChild(ChildPlan& plan) {
  RestoreSignalsInChild();
  setsid();
  if (plan.terminal) ioctl(plan.stdio[0], TIOCSCTTY, 0);
  for (int fd = 0; fd < 3; ++fd) {
    if (dup2(plan.stdio[fd], fd) != fd) _exit(1);
  }
  if (original_limit.has_value()) setrlimit(RLIMIT_NOFILE, &*original_limit);
  MarkCloseOnExec();
  if (chdir(plan.folder) != 0 && chdir("/") != 0) {
    // Wherever the agent stands, then.
  }
  char* const* const environment = plan.environment.Compose();
  GreetInChild(plan);
  for (const ChildPreparation& preparation : plan.preparations) {
    struct stat there = {};
    if (stat(preparation.condition, &there) != 0) continue;
    PrepareInChild(preparation, environment);
    break;
  }
  execve(plan.program, plan.arguments.data(), environment);
  WriteInChild(STDERR_FILENO, plan.complaint);
  _exit(1);
}

absl::StatusOr<pid_t> Fork(const ProcessPlan& plan, int in, int out, int err, bool terminal) {
  ChildPlan child = {
      plan.program.c_str(), Pointers(plan.arguments),
      ChildEnvironment(plan.environment, plan.environment_file, plan.session_environment)};
  child.folder = plan.folder.c_str();
  child.stdio[0] = in;
  child.stdio[1] = out;
  child.stdio[2] = err;
  child.terminal = terminal;
  child.greetings = Pointers(plan.greetings);
  child.hush = plan.hush.c_str();
  for (const Preparation& preparation : plan.preparations) {
    child.preparations.push_back({preparation.condition.c_str(), preparation.program.c_str(),
                                  Pointers(preparation.arguments), preparation.input});
  }
  child.complaint =
      absl::StrCat("The workspace cannot execute the shell ", plan.program,
                   "; ask for an image that has it, or for another shell of the account.\n");
  const pid_t pid = fork();
  if (pid < 0) return ErrnoStatus(errno, "cannot make a process");
  if (pid == 0) RunChild(child);
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
