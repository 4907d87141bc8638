#include "agent/socket_channel.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace homeport::agent {
namespace {

constexpr size_t kReadBytes = 64 << 10;
// Written bytes at the queue's front are cut off in pieces, not with every write.
constexpr size_t kCompactBytes = 256 << 10;

}  // namespace

SocketChannel::SocketChannel(EventLoop& loop, UniqueFd socket)
    : socket_(std::move(socket)),
      watch_(loop, socket_.get(), [this](uint32_t events) { OnReady(events); }) {}

void SocketChannel::OnOpened(ssh::Channel& channel) {
  channel_ = &channel;
  UpdateInterest();
}

void SocketChannel::OnData(absl::string_view data) {
  size_t taken = queue_.empty() ? WriteNow(data) : 0;
  if (writing_ended_) taken = data.size();
  if (taken > 0) channel_->Consumed(taken);
  queue_.append(data.data() + taken, data.size() - taken);
  UpdateInterest();
}

void SocketChannel::OnEof() {
  client_ended_ = true;
  if (queue_.empty()) OnQueueWritten();
}

bool SocketChannel::OnCloseReceived() {
  client_ended_ = true;
  client_closed_ = true;
  reading_ended_ = true;  // nobody hears what the socket has to say
  if (queue_.empty()) return true;
  UpdateInterest();
  return false;
}

void SocketChannel::OnClosed() {
  watch_.Want(0);
  socket_.Reset();
}

void SocketChannel::OnReady(uint32_t events) {
  // An error or hang-up shows itself to whichever of the two is tried.
  constexpr uint32_t kBroken = EPOLLERR | EPOLLHUP;
  if (!queue_.empty() && (events & (EPOLLOUT | kBroken)) != 0) FlushQueue();
  if (!reading_ended_ && (events & (EPOLLIN | kBroken)) != 0) ReadOnce();
  UpdateInterest();
}

void SocketChannel::ReadOnce() {
  const size_t room = std::min(channel_->writable_bytes(), kReadBytes);
  if (room == 0) return;
  char buffer[kReadBytes];
  const ssize_t n = recv(socket_.get(), buffer, room, 0);
  if (n > 0) {
    channel_->Write({buffer, static_cast<size_t>(n)});
  } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
    reading_ended_ = true;
    channel_->SendEof();
    CloseIfOver();
  }
}

size_t SocketChannel::WriteNow(absl::string_view data) {
  size_t total = 0;
  while (!writing_ended_ && total < data.size()) {
    const ssize_t n = send(socket_.get(), data.data() + total, data.size() - total, MSG_NOSIGNAL);
    if (n >= 0) {
      total += static_cast<size_t>(n);
    } else if (errno == EAGAIN) {
      break;
    } else if (errno != EINTR) {
      writing_ended_ = true;
      CloseIfOver();
    }
  }
  return total;
}

void SocketChannel::FlushQueue() {
  size_t taken = WriteNow(absl::string_view(queue_).substr(written_));
  if (writing_ended_) taken = queue_.size() - written_;
  written_ += taken;
  if (taken > 0) channel_->Consumed(taken);
  if (written_ == queue_.size()) {
    std::string().swap(queue_);
    written_ = 0;
    if (client_ended_) OnQueueWritten();
  } else if (written_ >= kCompactBytes) {
    queue_.erase(0, written_);
    written_ = 0;
  }
}

void SocketChannel::OnQueueWritten() {
  if (!writing_ended_) shutdown(socket_.get(), SHUT_WR);
  writing_ended_ = true;
  CloseIfOver();
}

void SocketChannel::UpdateInterest() {
  if (!socket_.valid() || channel_ == nullptr || channel_->close_sent()) {
    watch_.Want(0);
    return;
  }
  uint32_t events = 0;
  if (!queue_.empty() && !writing_ended_) events |= EPOLLOUT;
  if (!reading_ended_ && channel_->writable_bytes() > 0) events |= EPOLLIN;
  watch_.Want(events);
}

void SocketChannel::CloseIfOver() {
  if (client_closed_ || (reading_ended_ && writing_ended_)) channel_->Close();
}

}  // namespace homeport::agent
