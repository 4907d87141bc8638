#include "cli/terminal_prompt.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/unique_fd.h"
#include "cli/terminal_text.h"

namespace homeport {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
constexpr size_t kMaxLineBytes = 4096;

volatile sig_atomic_t caught_signal = 0;

void Catch(int signal) { caught_signal = signal; }

absl::Status NoTerminal() {
  return absl::FailedPreconditionError("there is no terminal to ask on");
}

// While it lives, the signals above only leave a note, and arrive during Wait alone.
class SignalNote {
 public:
  SignalNote() {
    caught_signal = 0;
    sigset_t ours;
    sigemptyset(&ours);
    struct sigaction action = {};
    action.sa_handler = Catch;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < std::size(kSignals); ++i) {
      sigaddset(&ours, kSignals[i]);
      sigaction(kSignals[i], &action, &before_[i]);
    }
    pthread_sigmask(SIG_BLOCK, &ours, &mask_);
  }
  ~SignalNote() {
    for (size_t i = 0; i < std::size(kSignals); ++i) sigaction(kSignals[i], &before_[i], nullptr);
    if (caught_signal != 0) raise(caught_signal);  // it is blocked still
    pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
  }

  // Whether there is something to read; false after a signal.
  bool Wait(int fd) const {
    pollfd entry = {fd, POLLIN, 0};
    for (;;) {
      const int ready = ppoll(&entry, 1, nullptr, &mask_);
      if (caught_signal != 0) return false;
      if (ready > 0) return true;
      if (ready < 0 && errno != EINTR) return false;
    }
  }

 private:
  struct sigaction before_[std::size(kSignals)] = {};
  sigset_t mask_ = {};
};

// A terminal that does not show what is typed, for as long as it lives.
class SilentTerminal {
 public:
  explicit SilentTerminal(int fd) : fd_(fd) {
    changed_ = tcgetattr(fd, &before_) == 0;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= ECHONL;
    changed_ = changed_ && tcsetattr(fd, TCSAFLUSH, &silent) == 0;
  }
  ~SilentTerminal() {
    if (changed_) tcsetattr(fd_, TCSAFLUSH, &before_);
  }
  bool silent() const { return changed_; }

 private:
  const int fd_;
  termios before_ = {};
  bool changed_ = false;
};

absl::StatusOr<std::string> ReadLine(int fd, const SignalNote& signals) {
  std::string line;
  while (signals.Wait(fd)) {
    char c = 0;
    const ssize_t n = read(fd, &c, 1);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return absl::FailedPreconditionError("nothing was typed");
    if (c == '\n') return line;
    if (line.size() == kMaxLineBytes) return absl::InvalidArgumentError("that is too long");
    line += c;
  }
  return absl::CancelledError("interrupted");
}

UniqueFd OpenTerminal() { return UniqueFd(open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)); }

absl::StatusOr<std::string> Ask(const UniqueFd& terminal, absl::string_view question,
                                const SignalNote& signals) {
  const std::string text = absl::StrCat(TerminalSafe(question), " ");
  if (write(terminal.get(), text.data(), text.size()) < 0) return NoTerminal();
  return ReadLine(terminal.get(), signals);
}

}  // namespace

absl::StatusOr<std::string> AskLine(absl::string_view question) {
  const UniqueFd terminal = OpenTerminal();
  if (!terminal.valid()) return NoTerminal();
  const SignalNote signals;
  const absl::StatusOr<std::string> line = Ask(terminal, question, signals);
  if (!line.ok()) return line.status();
  return std::string(absl::StripAsciiWhitespace(*line));
}

absl::StatusOr<std::string> AskSecret(absl::string_view question) {
  const UniqueFd terminal = OpenTerminal();
  if (!terminal.valid()) return NoTerminal();
  // The note outlives the silence: the signal acts on a terminal that echoes again.
  const SignalNote signals;
  const SilentTerminal silence(terminal.get());
  if (!silence.silent()) return NoTerminal();
  return Ask(terminal, question, signals);
}

absl::StatusOr<bool> AskYesNo(absl::string_view question) {
  const absl::StatusOr<std::string> line = AskLine(absl::StrCat(question, " [y/N]"));
  if (!line.ok()) return line.status();
  const std::string answer = absl::AsciiStrToLower(*line);
  return answer == "y" || answer == "yes";
}

}  // namespace homeport
