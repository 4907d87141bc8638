// Measures how long a byte takes there and back through a command such as `ssh host 'echo ready;
// cat'`.
//
//   echo_client COUNT COMMAND…
//
// The command first prints a line "ready" and from then on every byte that it is given. Prints
// "median=… p99=… max=…" in microseconds. Status 1, with a sentence on standard error, if the
// command does something else or takes more than 20 seconds for anything.
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/unique_fd.h"

extern char** environ;

namespace homeport {
namespace {

constexpr int kPatienceMilliseconds = 20'000;
constexpr int kWarmUp = 200;

class Command {
 public:
  explicit Command(char** arguments) {
    int in[2];
    int out[2];
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) return;
    to_.Reset(in[1]);
    from_.Reset(out[0]);
    const UniqueFd child_in(in[0]);
    const UniqueFd child_out(out[1]);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, child_in.get(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, child_out.get(), STDOUT_FILENO);
    if (posix_spawnp(&pid_, arguments[0], &actions, nullptr, arguments, environ) != 0) pid_ = -1;
    posix_spawn_file_actions_destroy(&actions);
  }
  ~Command() {
    to_.Reset();
    from_.Reset();
    if (pid_ <= 0) return;
    kill(pid_, SIGTERM);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  bool started() const { return pid_ > 0; }

  bool Write(char byte) { return write(to_.get(), &byte, 1) == 1; }

  // Waits in read() as an editor would; the alarm ends a wait without end.
  bool Read(char& byte) { return read(from_.get(), &byte, 1) == 1; }

  bool WaitForReady() {
    std::string line;
    for (char byte = 0; Readable() && Read(byte);) {
      if (byte == '\n' && line.find("ready") != std::string::npos) return true;
      line.push_back(byte);
    }
    return false;
  }

 private:
  bool Readable() {
    pollfd fd = {from_.get(), POLLIN, 0};
    return poll(&fd, 1, kPatienceMilliseconds) == 1;
  }

  pid_t pid_ = -1;
  UniqueFd to_;
  UniqueFd from_;
};

int Fail(const char* what) {
  std::fprintf(stderr, "echo_client: %s\n", what);
  return EXIT_FAILURE;
}

int Run(int count, char** arguments) {
  Command command(arguments);
  if (!command.started()) return Fail("cannot start the command");
  if (!command.WaitForReady()) return Fail("the command did not print \"ready\"");
  std::vector<double> microseconds;
  microseconds.reserve(static_cast<size_t>(count));
  for (int i = -kWarmUp; i < count; ++i) {
    const char sent = static_cast<char>('a' + (i + kWarmUp) % 26);
    char got = 0;
    alarm(kPatienceMilliseconds / 1000);
    const auto before = std::chrono::steady_clock::now();
    if (!command.Write(sent) || !command.Read(got)) return Fail("the connection ended");
    const std::chrono::duration<double, std::micro> took =
        std::chrono::steady_clock::now() - before;
    if (got != sent) return Fail("another byte came back than was sent");
    if (i >= 0) microseconds.push_back(took.count());
  }
  std::sort(microseconds.begin(), microseconds.end());
  const auto at = [&microseconds](double share) {
    return microseconds[static_cast<size_t>(share * static_cast<double>(microseconds.size() - 1))];
  };
  std::printf("median=%.1f p99=%.1f max=%.1f\n", at(0.5), at(0.99), at(1.0));
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace homeport

int main(int argc, char** argv) {
  const int count = argc > 2 ? std::atoi(argv[1]) : 0;
  if (count < 1) return homeport::Fail("usage: echo_client COUNT COMMAND…");
  std::signal(SIGPIPE, SIG_IGN);
  return homeport::Run(count, argv + 2);
}
