#include "agent/key_socket/key_socket.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "agent/key_socket/socket_place.h"
#include "base/logging.h"

namespace homeport::agent {
namespace {

// The process at the other end, if its account may use the socket.
std::optional<pid_t> WelcomeClient(int socket) {
  ucred peer = {};
  socklen_t size = sizeof(peer);
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
      (peer.uid == geteuid() || peer.uid == 0)) {
    return peer.pid;
  }
  Logger("key-socket")->warn("turned away process {} of account {}", peer.pid, peer.uid);
  return std::nullopt;
}

}  // namespace

KeySocket::KeySocket(EventLoop& loop, WorkerPool& pool, Signer& signer, Options options,
                     StatusCallback on_status)
    : loop_(loop),
      pool_(pool),
      signer_(signer),
      options_(std::move(options)),
      on_status_(std::move(on_status)),
      self_(std::make_shared<KeySocket*>(this)) {}

KeySocket::~KeySocket() {
  *self_ = nullptr;
  loop_.Cancel(timer_);
}

void KeySocket::SetEnabled(bool enabled) {
  if (enabled == enabled_) return;
  enabled_ = enabled;
  if (enabled) {
    Proceed();
    return;
  }
  loop_.Cancel(timer_);
  timer_ = 0;
  CloseListener();
  connections_.clear();
  relays_.clear();
  Logger("key-socket")->info("switched off");
  SetStatus("", "");
}

void KeySocket::Proceed() {
  if (busy_) return;
  if (leaving_ != nullptr) {
    busy_ = true;
    pool_.Submit(
        [&loop = loop_, leaving = std::exchange(leaving_, nullptr), self = self_]() mutable {
          leaving.reset();
          loop.Post([self] {
            if (*self == nullptr) return;
            (*self)->busy_ = false;
            (*self)->Proceed();
          });
        });
  } else if (enabled_ && listener_ == nullptr) {
    Open();
  }
}

void KeySocket::Open() {
  busy_ = true;
  pool_.Submit([&loop = loop_, path = options_.path, self = self_] {
    absl::StatusOr<UnixListener> listener = ListenAtPlace(path);
    absl::StatusOr<Listener> shared = Listener();
    if (listener.ok()) {
      *shared = std::make_shared<UnixListener>(*std::move(listener));
    } else {
      shared = listener.status();
    }
    loop.Post([self, shared] {
      if (*self != nullptr) (*self)->OnOpened(shared);
    });
  });
}

void KeySocket::OnOpened(absl::StatusOr<Listener> listener) {
  busy_ = false;
  if (!enabled_) {
    if (listener.ok()) leaving_ = *std::move(listener);
    Proceed();
    return;
  }
  if (!listener.ok()) {
    Logger("key-socket")->warn("{}", Printable(listener.status().message()));
    SetStatus("", std::string(listener.status().message()));
    SetTimer([this] { Proceed(); });
    return;
  }
  listener_ = *std::move(listener);
  watch_.emplace(loop_, listener_->fd(), [this](uint32_t) { AcceptOne(); });
  watch_->Want(EPOLLIN);
  Logger("key-socket")->info("listening on {}", options_.path);
  SetStatus(options_.path, "");
  SetTimer([this] { LookAtName(); });
}

void KeySocket::LookAtName() {
  pool_.Submit([&loop = loop_, listener = listener_, self = self_] {
    const bool has_name = listener->has_name();
    loop.Post([has_name, listener, self] {
      if (*self == nullptr || (*self)->listener_ != listener) return;
      if (has_name) {
        (*self)->SetTimer([self] { (*self)->LookAtName(); });
        return;
      }
      Logger("key-socket")->warn("{} was taken away", listener->path());
      (*self)->CloseListener();
    });
  });
}

void KeySocket::CloseListener() {
  watch_.reset();
  if (listener_ != nullptr) leaving_ = std::exchange(listener_, nullptr);
  Proceed();
}

void KeySocket::SetTimer(std::function<void()> work) {
  loop_.Cancel(timer_);
  timer_ = loop_.After(options_.look_interval, [this, work = std::move(work)] {
    timer_ = 0;
    work();
  });
}

void KeySocket::AcceptOne() {
  auto socket = std::make_shared<UniqueFd>(
      accept4(listener_->fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket->valid()) return;
  const std::optional<pid_t> client = WelcomeClient(socket->get());
  if (!client.has_value()) return;
  if (connections() >= options_.max_connections && !MakeRoom()) {
    Logger("key-socket")->warn("turned a client away: {} others are being served", connections());
    return;
  }
  ++arriving_;
  pool_.Submit(
      [&loop = loop_, find = options_.find_forwarded, client = *client, socket, self = self_] {
        const auto forwarded = std::make_shared<UniqueFd>(find(client));
        loop.Post([socket, forwarded, self] {
          if (*self != nullptr) (*self)->OnArrived(std::move(*socket), std::move(*forwarded));
        });
      });
}

void KeySocket::OnArrived(UniqueFd socket, UniqueFd forwarded) {
  --arriving_;
  if (!enabled_) return;
  if (forwarded.valid()) {
    Relay(std::move(socket), std::move(forwarded));
    return;
  }
  const uint64_t id = next_connection_++;
  connections_[id] = std::make_unique<KeySocketConnection>(loop_, std::move(socket), key_, signer_,
                                                           options_.limits,
                                                           [this, id] { connections_.erase(id); });
}

void KeySocket::Relay(UniqueFd socket, UniqueFd forwarded) {
  const uint64_t id = next_connection_++;
  absl::StatusOr<std::unique_ptr<SpliceRelay>> relay =
      SpliceRelay::Create(loop_, std::move(socket), std::move(forwarded),
                          [this, id](const absl::Status&) { relays_.erase(id); });
  if (relay.ok()) {
    relays_.emplace(id, *std::move(relay));
  } else {
    Logger("key-socket")->warn("no forwarded agent: {}", Printable(relay.status().message()));
  }
}

bool KeySocket::MakeRoom() {
  auto silent = connections_.end();
  for (auto it = connections_.begin(); it != connections_.end(); ++it) {
    if (it->second->signing()) continue;
    if (silent == connections_.end() || it->second->last_active() < silent->second->last_active()) {
      silent = it;
    }
  }
  if (silent == connections_.end()) return false;
  connections_.erase(silent);
  return true;
}

void KeySocket::SetStatus(const std::string& path, const std::string& error) {
  v1::KeySocketStatus status;
  status.set_path(path);
  status.set_error(error);
  on_status_(status);
}

}  // namespace homeport::agent
