#include "sshproxy/acceptor.h"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "base/address.h"

namespace homeport {
namespace {

constexpr absl::Duration kRetryAfter = absl::Milliseconds(100);
constexpr int kAcceptsPerRound = 64;

}  // namespace

Acceptor::Acceptor(EventLoop& loop, UniqueFd listener, Callback callback, ErrorCallback on_error)
    : loop_(loop),
      listener_(std::move(listener)),
      callback_(std::move(callback)),
      on_error_(std::move(on_error)) {
  loop_.Watch(listener_.get(), EPOLLIN, [this](uint32_t) { Accept(); });
}

Acceptor::~Acceptor() {
  loop_.Cancel(retry_timer_);
  loop_.Unwatch(listener_.get());
}

void Acceptor::Accept() {
  for (int i = 0; i < kAcceptsPerRound; ++i) {
    UniqueFd socket(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (socket.valid()) {
      PrepareTcpSocket(socket.get());
      callback_(std::move(socket));
      continue;
    }
    if (errno == EINTR || errno == ECONNABORTED || errno == EPROTO) continue;
    if (errno == EAGAIN) return;
    on_error_(errno);
    // The connection waits in the queue: without a pause the loop would spin on it.
    loop_.Modify(listener_.get(), 0);
    retry_timer_ = loop_.After(kRetryAfter, [this] { loop_.Modify(listener_.get(), EPOLLIN); });
    return;
  }
}

}  // namespace homeport
