#include "agent/greeting_wait.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace homeport::agent {
namespace {

constexpr absl::string_view kGreeting = "SSH-2.0-";
constexpr absl::string_view kAnyVersion = "SSH-";
// Of a line before the greeting, and of all of them.
constexpr size_t kLongestLine = 4096;
constexpr size_t kMostBytes = 32768;

absl::Status Not(absl::string_view what) { return absl::FailedPreconditionError(what); }

void SetLowWatermark(int fd, int bytes) {
  setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof(bytes));
}

}  // namespace

GreetingWait::GreetingWait(EventLoop& loop, UniqueFd socket, absl::Duration patience,
                           DoneCallback on_done)
    : loop_(loop), patience_(patience), on_done_(std::move(on_done)), socket_(std::move(socket)) {
  watch_.emplace(loop_, socket_.get(), [this](uint32_t) { OnReady(); });
  watch_->Want(EPOLLIN);
  timer_ = loop_.After(patience_, [this] {
    timer_ = 0;
    Finish(Not(absl::StrCat("it did not greet as an SSH server within ",
                            absl::FormatDuration(patience_))));
  });
}

GreetingWait::~GreetingWait() { loop_.Cancel(timer_); }

void GreetingWait::OnReady() {
  char buffer[kLongestLine];
  while (true) {
    const ssize_t n = recv(socket_.get(), buffer, sizeof(buffer), MSG_PEEK | MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    const size_t bytes = n < 0 ? 0 : static_cast<size_t>(n);
    // Nothing new though there was reason to look: it has closed.
    if (bytes == 0 || bytes == seen_bytes_) {
      Finish(Not("it closed the connection without a greeting"));
      return;
    }
    const size_t dropped_before = dropped_bytes_;
    const std::optional<absl::Status> verdict = Judge({buffer, bytes});
    if (verdict.has_value()) {
      Finish(*verdict);
      return;
    }
    if (dropped_bytes_ == dropped_before) {
      WaitForMoreThan(bytes);
      return;
    }
    WaitForMoreThan(0);
  }
}

std::optional<absl::Status> GreetingWait::Judge(absl::string_view seen) {
  if (absl::StartsWith(seen, kGreeting)) return absl::OkStatus();
  if (absl::StartsWith(kGreeting, seen)) return std::nullopt;
  if (absl::StartsWith(seen, kAnyVersion)) return Not("it greets with another version of SSH");
  const size_t end = seen.find('\n');
  if (end == absl::string_view::npos) {
    if (seen.size() < kLongestLine) return std::nullopt;
    return Not("it does not greet as an SSH server");
  }
  char dropped[kLongestLine];
  const ssize_t n = recv(socket_.get(), dropped, end + 1, MSG_DONTWAIT);
  if (n > 0) dropped_bytes_ += static_cast<size_t>(n);
  if (n <= 0 || dropped_bytes_ > kMostBytes) return Not("it does not greet as an SSH server");
  return std::nullopt;
}

void GreetingWait::WaitForMoreThan(size_t bytes) {
  seen_bytes_ = bytes;
  SetLowWatermark(socket_.get(), static_cast<int>(bytes) + 1);
}

void GreetingWait::Finish(const absl::Status& status) {
  watch_.reset();
  loop_.Cancel(timer_);
  timer_ = 0;
  SetLowWatermark(socket_.get(), 1);
  // May destroy this object, and with it the function.
  const DoneCallback on_done = on_done_;
  if (status.ok()) {
    on_done(std::move(socket_));
  } else {
    on_done(status);
  }
}

}  // namespace homeport::agent
