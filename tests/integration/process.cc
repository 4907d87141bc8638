#include "tests/integration/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/unique_fd.h"
#include "gtest/gtest.h"
#include "tests/integration/wait_for.h"

extern char** environ;

namespace homeport::story {
namespace {

std::vector<std::string> Environment(const std::vector<std::string>& added) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!absl::StartsWith(*entry, "HOMEPORT_")) all.push_back(*entry);
  }
  all.insert(all.end(), added.begin(), added.end());
  return all;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

// In the child, between fork and exec: only what is async-signal-safe.
[[noreturn]] void Become(char* const* arguments, char* const* environment, const int fds[3],
                         bool terminal, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(125);
  setsid();
  if (terminal) ioctl(fds[0], TIOCSCTTY, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  for (int i = 0; i < 3; ++i) dup2(fds[i], i);
  execvpe(arguments[0], arguments, environment);
  _exit(126);
}

// A field of /proc/PID/status in its own unit; -1 without one.
int64_t StatusField(pid_t pid, absl::string_view field) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/status"));
  for (std::string line; std::getline(file, line);) {
    absl::string_view rest = line;
    if (absl::ConsumePrefix(&rest, field) && absl::ConsumePrefix(&rest, ":")) {
      absl::ConsumeSuffix(&rest, " kB");
      int64_t value = -1;
      return absl::SimpleAtoi(rest, &value) ? value : -1;
    }
  }
  return -1;
}

}  // namespace

Process::Process(const Command& command) : name_(absl::StrJoin(command.arguments, " ")) {
  std::vector<std::string> arguments = command.arguments;
  std::vector<std::string> environment = Environment(command.environment);
  const std::vector<char*> argv = Pointers(arguments);
  const std::vector<char*> envp = Pointers(environment);
  const UniqueFd nothing(open("/dev/null", O_RDWR | O_CLOEXEC));
  UniqueFd log;
  if (!command.log_file.empty()) {
    log.Reset(open(command.log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  }
  const int output = log.valid() ? log.get() : nothing.get();
  const int fds[3] = {command.in >= 0 ? command.in : nothing.get(),
                      command.out >= 0 ? command.out : output,
                      command.err >= 0 ? command.err : output};
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) Become(argv.data(), envp.data(), fds, command.terminal, parent);
  if (pid_ < 0) {
    ADD_FAILURE() << "cannot start " << name_ << ": " << strerror(errno);
    status_ = 126;
  }
}

Process::~Process() {
  if (!running()) return;
  Signal(SIGKILL);
  int ignored = 0;
  while (waitpid(pid_, &ignored, 0) < 0 && errno == EINTR) {
  }
}

void Process::Signal(int number) const {
  if (!status_) kill(pid_, number);
}

std::optional<int> Process::status() {
  int raw = 0;
  if (!status_ && waitpid(pid_, &raw, WNOHANG) == pid_) {
    status_ = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
  }
  return status_;
}

std::optional<int> Process::WaitToEnd(absl::Duration limit) {
  WaitFor([this] { return !running(); }, limit, absl::StrCat("the end of ", name_));
  return status_;
}

int64_t Process::memory_bytes() const { return StatusField(pid_, "VmRSS") * 1024; }
int64_t Process::peak_memory_bytes() const { return StatusField(pid_, "VmHWM") * 1024; }
int Process::threads() const { return static_cast<int>(StatusField(pid_, "Threads")); }

int Process::open_files() const {
  DIR* folder = opendir(absl::StrCat("/proc/", pid_, "/fd").c_str());
  if (folder == nullptr) return -1;
  int count = 0;
  while (const dirent* entry = readdir(folder)) {
    if (entry->d_name[0] != '.') ++count;
  }
  closedir(folder);
  return count;
}

bool IsAlive(pid_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/stat"));
  std::string stat;
  std::getline(file, stat);
  // The state follows the name, which may hold anything but ends with the last parenthesis.
  const size_t name_end = stat.rfind(") ");
  return name_end != std::string::npos && stat[name_end + 2] != 'Z' && stat[name_end + 2] != 'X';
}

void AdoptOrphans() { prctl(PR_SET_CHILD_SUBREAPER, 1); }

void KillChildren() {
  const std::string children =
      absl::StrCat("/proc/self/task/", getpid(), "/children");  // of the main thread
  // Each that dies may leave its own children to us.
  for (;;) {
    std::ifstream file(children);
    bool any = false;
    for (pid_t pid = 0; file >> pid;) {
      any = true;
      kill(pid, SIGKILL);
      int ignored = 0;
      waitpid(pid, &ignored, 0);
    }
    if (!any) return;
  }
}

}  // namespace homeport::story
