#include "agent/splice_relay.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/file.h"

namespace homeport::agent {
namespace {

constexpr int kPipeBytes = 256 << 10;
// Rounds of one direction before others have their turn.
constexpr int kRounds = 8;
// How long what a reset peer had sent before may take to be delivered.
constexpr absl::Duration kLinger = absl::Seconds(5);

}  // namespace

SpliceRelay::SpliceRelay(EventLoop& loop, UniqueFd a, UniqueFd b, DoneCallback on_done)
    : loop_(loop), on_done_(std::move(on_done)) {
  sides_[0].fd = std::move(a);
  sides_[1].fd = std::move(b);
  directions_[0].to = 1;
  directions_[1].from = 1;
}

SpliceRelay::~SpliceRelay() {
  loop_.Cancel(linger_timer_);
  for (const Side& side : sides_) {
    if (side.watched) loop_.Unwatch(side.fd.get());
  }
}

absl::StatusOr<std::unique_ptr<SpliceRelay>> SpliceRelay::Create(EventLoop& loop, UniqueFd a,
                                                                 UniqueFd b, DoneCallback on_done) {
  auto relay = std::unique_ptr<SpliceRelay>(
      new SpliceRelay(loop, std::move(a), std::move(b), std::move(on_done)));
  if (absl::Status status = relay->OpenPipes(); !status.ok()) return status;
  relay->UpdateInterest();
  return relay;
}

absl::Status SpliceRelay::OpenPipes() {
  for (Direction& direction : directions_) {
    int fds[2];
    if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) != 0) return ErrnoStatus(errno, "cannot make a pipe");
    direction.pipe_read.Reset(fds[0]);
    direction.pipe_write.Reset(fds[1]);
    // Past the account's share of pipe memory the usual 64 KiB must do.
    fcntl(fds[1], F_SETPIPE_SZ, kPipeBytes);
    direction.pipe_bytes = static_cast<size_t>(std::max(fcntl(fds[1], F_GETPIPE_SZ), 4096));
  }
  return absl::OkStatus();
}

void SpliceRelay::OnEvent(int side, uint32_t events) {
  for (Direction& direction : directions_) Pump(direction);
  if ((events & EPOLLERR) != 0 && !sides_[side].failed) {
    int error = 0;
    socklen_t size = sizeof(error);
    getsockopt(sides_[side].fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    Fail(side, error);
  }
  if (directions_[0].over && directions_[1].over) {
    Finish();
    return;
  }
  // A hang-up is reported whether we want it or not; while nothing can be done about it the socket
  // stays out of the loop.
  if ((events & EPOLLHUP) != 0 && sides_[side].watched && sides_[side].wanted == 0) {
    loop_.Unwatch(sides_[side].fd.get());
    sides_[side].watched = false;
  }
  UpdateInterest();
}

void SpliceRelay::Pump(Direction& direction) {
  // A socket that has failed is not in the loop any more to call for more rounds.
  const bool to_the_end = sides_[direction.from].failed;
  for (int round = 0; (round < kRounds || to_the_end) && !direction.over; ++round) {
    const bool filled = Fill(direction);
    const bool drained = Drain(direction);
    if (direction.in_pipe == 0 && direction.source_ended && !direction.over) {
      direction.over = true;
      shutdown(sides_[direction.to].fd.get(), SHUT_WR);
    }
    if (!filled && !drained) return;
  }
}

bool SpliceRelay::Fill(Direction& direction) {
  // Only an empty pipe is filled: EAGAIN does not tell whether the pipe is full or the socket
  // empty.
  if (direction.source_ended || direction.in_pipe > 0) return false;
  const ssize_t n = splice(sides_[direction.from].fd.get(), nullptr, direction.pipe_write.get(),
                           nullptr, direction.pipe_bytes, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  if (n > 0) {
    direction.in_pipe = static_cast<size_t>(n);
    return true;
  }
  if (n == 0) {
    direction.source_ended = true;
  } else if (errno != EAGAIN && errno != EINTR) {
    direction.source_ended = true;
    Fail(direction.from, errno);
  } else if (sides_[direction.from].failed) {
    direction.source_ended = true;  // its last bytes are out
  }
  return false;
}

bool SpliceRelay::Drain(Direction& direction) {
  if (direction.in_pipe == 0 || direction.over) return false;
  const ssize_t n = splice(direction.pipe_read.get(), nullptr, sides_[direction.to].fd.get(),
                           nullptr, direction.in_pipe, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  if (n > 0) {
    direction.in_pipe -= static_cast<size_t>(n);
    direction.bytes += static_cast<uint64_t>(n);
    return true;
  }
  if (n < 0 && errno != EAGAIN && errno != EINTR) Fail(direction.to, errno);
  return false;
}

void SpliceRelay::Fail(int side, int error) {
  if (sides_[side].failed) return;
  sides_[side].failed = true;
  if (status_.ok()) status_ = ErrnoStatus(error == 0 ? ECONNRESET : error, "a connection broke");
  for (Direction& direction : directions_) {
    if (direction.to == side) direction.over = true;
  }
  if (sides_[side].watched) {
    loop_.Unwatch(sides_[side].fd.get());
    sides_[side].watched = false;
  }
  if (linger_timer_ == 0) linger_timer_ = loop_.After(kLinger, [this] { Finish(); });
  // The other direction is driven by the socket that is left; what arrived is looked at now.
  for (Direction& direction : directions_) Pump(direction);
}

void SpliceRelay::UpdateInterest() {
  for (int i = 0; i < 2; ++i) {
    Side& side = sides_[i];
    if (side.failed) continue;
    uint32_t wanted = 0;
    for (const Direction& direction : directions_) {
      if (direction.over) continue;
      if (direction.from == i && !direction.source_ended && direction.in_pipe == 0) {
        wanted |= EPOLLIN;
      }
      if (direction.to == i && direction.in_pipe > 0) wanted |= EPOLLOUT;
    }
    if (!side.watched && wanted != 0) {
      loop_.Watch(side.fd.get(), wanted, [this, i](uint32_t events) { OnEvent(i, events); });
      side.watched = true;
    } else if (side.watched) {
      loop_.Modify(side.fd.get(), wanted);
    }
    side.wanted = wanted;
  }
}

void SpliceRelay::Finish() {
  const DoneCallback on_done = on_done_;
  const absl::Status status = status_;
  on_done(status);
}

}  // namespace homeport::agent
