#include "tests/integration/conversation.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "tests/integration/sanitizer_reports.h"

namespace homeport::story {
namespace {

constexpr absl::Duration kRound = absl::Milliseconds(20);

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Pipe MakePipe() {
  int ends[2] = {-1, -1};
  EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

void SetNonBlocking(int fd) { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

winsize WindowSize(int rows, int columns, int height_pixels, int width_pixels) {
  return {static_cast<uint16_t>(rows), static_cast<uint16_t>(columns),
          static_cast<uint16_t>(width_pixels), static_cast<uint16_t>(height_pixels)};
}

// The end of a long text, for a message.
std::string End(const std::string& text) {
  constexpr size_t kShown = 2000;
  return text.size() <= kShown ? text : "…" + text.substr(text.size() - kShown);
}

}  // namespace

Conversation::Conversation(Process::Command command, int output_pipe_bytes) {
  Pipe in = MakePipe();
  Pipe out = MakePipe();
  if (output_pipe_bytes > 0) fcntl(out.read.get(), F_SETPIPE_SZ, output_pipe_bytes);
  Pipe err = MakePipe();
  command.in = in.read.get();
  command.out = out.write.get();
  command.err = err.write.get();
  process_ = std::make_unique<Process>(command);
  input_ = std::move(in.write);
  output_ = std::move(out.read);
  error_ = std::move(err.read);
  for (const int fd : {input_.get(), output_.get(), error_.get()}) SetNonBlocking(fd);
  signal(SIGPIPE, SIG_IGN);
}

Conversation::Conversation(Process::Command command, const Terminal& terminal) {
  int ours = -1;
  int theirs = -1;
  const winsize size =
      WindowSize(terminal.rows, terminal.columns, terminal.height_pixels, terminal.width_pixels);
  EXPECT_EQ(openpty(&ours, &theirs, nullptr, nullptr, &size), 0);
  const UniqueFd slave(theirs);
  output_.Reset(ours);
  termios modes = {};
  tcgetattr(theirs, &modes);
  modes.c_cc[VERASE] = static_cast<cc_t>(terminal.erase);
  tcsetattr(theirs, TCSANOW, &modes);
  for (const int fd : {ours, theirs}) fcntl(fd, F_SETFD, FD_CLOEXEC);
  command.in = command.out = command.err = theirs;
  command.terminal = true;
  process_ = std::make_unique<Process>(command);
  input_.Reset(fcntl(ours, F_DUPFD_CLOEXEC, 3));
  SetNonBlocking(ours);
}

void Conversation::Resize(int rows, int columns, int height_pixels, int width_pixels) {
  const winsize size = WindowSize(rows, columns, height_pixels, width_pixels);
  EXPECT_EQ(ioctl(output_.get(), TIOCSWINSZ, &size), 0);
}

void Conversation::HangUp() {
  input_.Reset();
  output_.Reset();
}

void Conversation::WriteInput() {
  while (!to_send_.empty()) {
    const ssize_t n = write(input_.get(), to_send_.data(), to_send_.size());
    if (n < 0) {
      if (errno == EAGAIN || errno == EINTR) return;
      // The program reads no more.
      to_send_.clear();
      input_.Reset();
      return;
    }
    to_send_.erase(0, static_cast<size_t>(n));
  }
}

void Conversation::ReadInto(UniqueFd& fd, std::string& text) {
  std::array<char, 65536> bytes;
  const ssize_t n = read(fd.get(), bytes.data(), bytes.size());
  if (n > 0) {
    text.append(bytes.data(), static_cast<size_t>(n));
  } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
    fd.Reset();  // a terminal's end is EIO
  }
}

void Conversation::Pump(absl::Duration patience) {
  if (close_input_ && to_send_.empty()) input_.Reset();
  std::array<pollfd, 3> fds = {pollfd{to_send_.empty() ? -1 : input_.get(), POLLOUT, 0},
                               pollfd{output_.get(), POLLIN, 0}, pollfd{error_.get(), POLLIN, 0}};
  const int timeout = static_cast<int>(absl::ToInt64Milliseconds(patience));
  if (poll(fds.data(), fds.size(), timeout) <= 0) return;
  if (fds[0].revents != 0) WriteInput();
  if (fds[1].revents != 0) ReadInto(output_, out_);
  if (fds[2].revents != 0) ReadInto(error_, err_);
}

bool Conversation::WaitForText(const std::string& stream, absl::string_view text, const char* where,
                               absl::Duration limit) {
  const absl::Time deadline = absl::Now() + limit;
  while (!absl::StrContains(stream, text)) {
    const bool ended = !process_->running() && !output_.valid() && !error_.valid();
    if (ended || absl::Now() > deadline) {
      ADD_FAILURE() << process_->name() << (ended ? " ended without \"" : ": waited in vain for \"")
                    << text << "\" on " << where << "\nstandard output: " << End(out_)
                    << "\nstandard error: " << End(err_);
      return false;
    }
    Pump(kRound);
  }
  return true;
}

bool Conversation::WaitForOutput(absl::string_view text, absl::Duration limit) {
  return WaitForText(out_, text, "standard output", limit);
}

bool Conversation::WaitForError(absl::string_view text, absl::Duration limit) {
  return WaitForText(err_, text, "standard error", limit);
}

Result Conversation::WaitToEnd(absl::Duration limit) {
  limit *= kSlowness;
  const absl::Time deadline = absl::Now() + limit;
  while (process_->running() || output_.valid() || error_.valid()) {
    if (absl::Now() > deadline) {
      ADD_FAILURE() << process_->name() << " did not end within " << absl::FormatDuration(limit)
                    << "\nstandard output: " << End(out_) << "\nstandard error: " << End(err_);
      process_->Signal(SIGKILL);
      return {-1, out_, err_};
    }
    Pump(kRound);
  }
  return {process_->status().value_or(-1), out_, err_};
}

Result RunToEnd(Process::Command command, absl::string_view input, absl::Duration limit) {
  Conversation conversation(std::move(command));
  conversation.Send(input);
  conversation.CloseInput();
  return conversation.WaitToEnd(limit);
}

}  // namespace homeport::story
