#include "agent/process_output.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace homeport::agent {
namespace {

constexpr size_t kReadBytes = 64 << 10;
// More than a terminal's buffers hold: what comes after that was printed by somebody else, after
// the process had ended.
constexpr size_t kMostAfterExit = 512 << 10;

}  // namespace

ProcessOutput::ProcessOutput(EventLoop& loop, UniqueFd fd, Callbacks callbacks)
    : fd_(std::move(fd)),
      callbacks_(std::move(callbacks)),
      left_after_exit_(kMostAfterExit),
      watch_(loop, fd_.get(), [this](uint32_t) {
        ReadOnce();
        UpdateInterest();
      }) {
  UpdateInterest();
}

void ProcessOutput::OnRoom() {
  while (end_when_empty_ && ReadOnce()) {
  }
  UpdateInterest();
}

void ProcessOutput::ReadAvailable() {
  for (size_t left = kMostAfterExit; left >= kReadBytes && ReadOnce(); left -= kReadBytes) {
  }
  UpdateInterest();
}

void ProcessOutput::EndWhenEmpty() {
  end_when_empty_ = true;
  OnRoom();
}

void ProcessOutput::Abandon() {
  if (!ended_) End();
}

bool ProcessOutput::ReadOnce() {
  if (ended_) return false;
  const size_t room = std::min(callbacks_.room(), kReadBytes);
  if (room == 0) return false;
  char buffer[kReadBytes];
  const ssize_t n = read(fd_.get(), buffer, room);
  if (n > 0) {
    const auto size = static_cast<size_t>(n);
    callbacks_.take({buffer, size});
    if (end_when_empty_) left_after_exit_ -= std::min(size, left_after_exit_);
    if (left_after_exit_ == 0) End();
    return !ended_;
  }
  if (n < 0 && errno == EINTR) return true;
  // A terminal whose last user has closed it answers EIO.
  if (n == 0 || errno != EAGAIN || end_when_empty_) End();
  return false;
}

void ProcessOutput::UpdateInterest() {
  if (!ended_) watch_.Want(callbacks_.room() > 0 ? uint32_t{EPOLLIN} : 0);
}

void ProcessOutput::End() {
  ended_ = true;
  watch_.Want(0);
  fd_.Reset();
  callbacks_.ended();
}

}  // namespace homeport::agent
