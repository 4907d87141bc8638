#include "agent/process_input.h"

#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/allocator.h"

namespace homeport::agent {
namespace {

// Written bytes at the queue's front are cut off in pieces, not with every write.
constexpr size_t kCompactBytes = 256 << 10;
// After this long without anything that waits, the queue's memory is given back.
constexpr absl::Duration kSilence = absl::Seconds(2);

}  // namespace

ProcessInput::ProcessInput(EventLoop& loop, UniqueFd fd, std::function<void(size_t)> consumed,
                           std::function<void()> broken)
    : fd_(std::move(fd)),
      consumed_(std::move(consumed)),
      broken_(std::move(broken)),
      silence_(loop, kSilence, [this] { GiveQueueBack(); }),
      watch_(loop, fd_.get(), [this](uint32_t) { Flush(); }) {}

void ProcessInput::Write(absl::string_view data) {
  size_t taken = 0;
  if (queue_.empty()) taken = WriteNow(data);
  if (!fd_.valid()) taken = data.size();
  if (taken > 0) consumed_(taken);
  data.remove_prefix(taken);
  if (data.empty()) return;
  queue_.append(data.data(), data.size());
  watch_.Want(EPOLLOUT);
}

void ProcessInput::CloseWhenWritten() {
  closing_ = true;
  if (queue_.empty()) CloseNow();
}

size_t ProcessInput::WriteNow(absl::string_view data) {
  size_t total = 0;
  while (fd_.valid() && total < data.size()) {
    const ssize_t n = write(fd_.get(), data.data() + total, data.size() - total);
    if (n > 0) {
      total += static_cast<size_t>(n);
    } else if (n == 0 || errno == EAGAIN) {
      break;
    } else if (errno != EINTR) {
      CloseNow();  // EPIPE: the process reads no more
      if (broken_) broken_();
    }
  }
  return total;
}

void ProcessInput::Flush() {
  size_t taken = WriteNow(absl::string_view(queue_).substr(written_));
  if (!fd_.valid()) taken = queue_.size() - written_;
  written_ += taken;
  if (written_ == queue_.size()) {
    OnDrained();
    watch_.Want(0);
    if (closing_) CloseNow();
  } else if (written_ >= kCompactBytes) {
    queue_.erase(0, written_);
    written_ = 0;
  }
  if (taken > 0) consumed_(taken);
}

void ProcessInput::OnDrained() {
  queue_.clear();
  written_ = 0;
  silence_.NoteUse();
}

void ProcessInput::GiveQueueBack() {
  if (!queue_.empty()) return;  // till it is drained again
  NoteFreedMemory(queue_.capacity());
  std::string().swap(queue_);
}

void ProcessInput::CloseNow() {
  watch_.Want(0);
  fd_.Reset();
}

}  // namespace homeport::agent
