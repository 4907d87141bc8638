#include "agent/key_socket/key_socket_connection.h"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "absl/time/clock.h"
#include "base/logging.h"

namespace homeport::agent {
namespace {

constexpr size_t kReadBytes = 16384;

}  // namespace

KeySocketConnection::KeySocketConnection(EventLoop& loop, UniqueFd socket, const OfferedKey& key,
                                         Signer& signer, const Limits& limits,
                                         std::function<void()> on_done)
    : loop_(loop),
      socket_(std::move(socket)),
      key_(key),
      signer_(signer),
      limits_(limits),
      on_done_(std::move(on_done)),
      watch_(loop, socket_.get(), [this](uint32_t) { OnReady(); }),
      last_active_(absl::Now()),
      self_(std::make_shared<KeySocketConnection*>(this)) {
  SetTimer();
  UpdateInterest();
}

KeySocketConnection::~KeySocketConnection() {
  *self_ = nullptr;
  loop_.Cancel(timer_);
}

void KeySocketConnection::OnReady() {
  const bool goes_on = output_.empty() ? ReadSome() : WriteSome();
  if (!goes_on || !AnswerNext()) {
    Finish();
    return;
  }
  UpdateInterest();
}

bool KeySocketConnection::ReadSome() {
  char buffer[kReadBytes];
  const ssize_t n = recv(socket_.get(), buffer, sizeof(buffer), 0);
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  if (n == 0) return false;
  last_active_ = absl::Now();
  input_.append(buffer, static_cast<size_t>(n));
  return true;
}

bool KeySocketConnection::WriteSome() {
  const ssize_t n = send(socket_.get(), output_.data(), output_.size(), MSG_NOSIGNAL);
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  last_active_ = absl::Now();
  output_.erase(0, static_cast<size_t>(n));
  if (output_.empty()) output_ = std::string();
  return true;
}

bool KeySocketConnection::AnswerNext() {
  while (!signing_ && output_.empty()) {
    const auto message = FirstAgentMessage(input_);
    if (!message.ok()) {
      Logger("key-socket")->warn("a client sent {}", std::string(message.status().message()));
      return false;
    }
    if (!message->has_value()) return true;
    const AgentRequest request = ParseAgentRequest(**message);
    input_.erase(0, 4 + (*message)->size());
    if (input_.empty()) input_ = std::string();
    Answer(request);
    if (!output_.empty() && !WriteSome()) return false;
  }
  return true;
}

void KeySocketConnection::Answer(const AgentRequest& request) {
  switch (request.kind) {
    case AgentRequest::Kind::kList:
      output_ = AgentKeyList(key_.public_key, key_.comment);
      return;
    case AgentRequest::Kind::kQueryAbilities:
      output_ = AgentAbilities();
      return;
    case AgentRequest::Kind::kSign:
      if (key_.public_key.empty() || request.public_key != key_.public_key) {
        Logger("key-socket")->info("refused to sign: the key is not the owner's");
        output_ = AgentFailure();
        return;
      }
      signing_ = true;
      signer_.Sign({request.public_key, request.data, request.flags},
                   [self = self_](const absl::StatusOr<std::string>& signature) {
                     if (*self != nullptr) (*self)->OnSigned(signature);
                   });
      return;
    case AgentRequest::Kind::kChange:
      // The protocol has no words for it; ssh-add says "agent refused operation".
      Logger("key-socket")
          ->info(
              "refused to {}: this agent offers the owner's key and no other; the owner changes "
              "it in Homeport",
              request.name);
      output_ = AgentFailure();
      return;
    case AgentRequest::Kind::kExtension:
      // Among them session-bind@openssh.com. Saying yes would promise that keys can be bound to
      // destinations; ssh goes on without.
      Logger("key-socket")->debug("no extension {}", Printable(request.name, 64));
      output_ = AgentFailure();
      return;
    case AgentRequest::Kind::kUnknown:
      Logger("key-socket")->info("refused a request: {}", request.name);
      output_ = AgentFailure();
      return;
  }
}

void KeySocketConnection::OnSigned(const absl::StatusOr<std::string>& signature) {
  signing_ = false;
  last_active_ = absl::Now();
  if (signature.ok()) {
    output_ = AgentSignature(*signature);
  } else {
    Logger("key-socket")->warn("not signed: {}", Printable(signature.status().message()));
    output_ = AgentFailure();
  }
  if (!WriteSome() || !AnswerNext()) {
    Finish();
    return;
  }
  UpdateInterest();
}

void KeySocketConnection::SetTimer() {
  const bool in_the_middle = !output_.empty() || !input_.empty();
  const absl::Time deadline = last_active_ + (in_the_middle ? limits_.stuck : limits_.idle);
  loop_.Cancel(timer_);
  timer_ = loop_.After(deadline - absl::Now(), [this] { OnTimer(); });
}

void KeySocketConnection::OnTimer() {
  timer_ = 0;
  Logger("key-socket")->info("closed a client that did nothing for long");
  Finish();
}

void KeySocketConnection::UpdateInterest() {
  if (signing_) {
    // The signer has a deadline of its own.
    loop_.Cancel(timer_);
    timer_ = 0;
    watch_.Want(0);
    return;
  }
  watch_.Want(output_.empty() ? EPOLLIN : EPOLLOUT);
  SetTimer();
}

void KeySocketConnection::Finish() {
  watch_.Want(0);
  loop_.Cancel(timer_);
  timer_ = 0;
  // May destroy this object, and with it the function.
  const std::function<void()> on_done = on_done_;
  on_done();
}

}  // namespace homeport::agent
