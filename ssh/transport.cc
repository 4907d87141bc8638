#include "ssh/transport.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/address.h"
#include "base/allocator.h"
#include "base/logging.h"
#include "libssh/connection.h"
#include "libssh/libssh.h"

namespace homeport::ssh {
namespace {

// How long a peer that does not read may hold up a Disconnect.
constexpr absl::Duration kLinger = absl::Milliseconds(500);
// After this long without a packet a connection gives back what its buffers keep.
constexpr absl::Duration kSilence = absl::Seconds(2);
// What may wait to be sent to a peer that has not signed in.
constexpr size_t kMostBeforeOpen = 256 << 10;
// About what a connection's end frees.
constexpr size_t kConnectionBytes = 8 << 10;
// Rounds of libssh in one turn of the loop before others have theirs.
constexpr int kRoundsPerDrive = 8;
// Turns of the loop that a connection is set up in, with its first channel. In these a client that
// has Nagle's algorithm on (OpenSSH's) waits for acknowledgements, which the kernel would delay by
// 40 ms.
constexpr int kEarlyTurns = 64;
// Packets that a server may send together with the end of authentication; OpenSSH's sshd sends one
// (hostkeys-00@openssh.com), and few that others send have reason to be large.
constexpr size_t kMostEarlyPackets = 16;
constexpr size_t kLongestEarlyPacket = 65536;

// Closes after the peer has read what was sent: closing with input unread would reset the
// connection, and the peer would lose our last words. Gives up after kLinger.
void LingeringClose(EventLoop& loop, UniqueFd socket) {
  shutdown(socket.get(), SHUT_WR);
  struct Lingering {
    UniqueFd socket;
    EventLoop::TimerId timer = 0;
  };
  auto state = std::make_shared<Lingering>();  // shared by the watch and the timer; the first to
                                               // end frees it
  state->socket = std::move(socket);
  const int fd = state->socket.get();
  const auto end = [&loop, state] {
    if (!state->socket.valid()) return;
    loop.Cancel(state->timer);
    loop.Unwatch(state->socket.get());
    state->socket.Reset();
  };
  state->timer = loop.After(kLinger, end);
  loop.Watch(fd, EPOLLIN, [end, fd](uint32_t) {
    char scrap[16384];
    const ssize_t n = read(fd, scrap, sizeof(scrap));
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) end();
  });
}

// What the peer said when it disconnected, from libssh's error. ssh_get_disconnect_message() would
// be for that, but speaks only in a state that no SSH_MSG_DISCONNECT leads to.
std::string FarewellIn(absl::string_view error) {
  if (!absl::ConsumePrefix(&error, "Received SSH_MSG_DISCONNECT: ")) return "";
  const size_t colon = error.find(':');  // behind the reason's number
  return colon == absl::string_view::npos ? "" : Printable(error.substr(colon + 1));
}

}  // namespace

Transport::Transport(EventLoop& loop, Handler& handler)
    : loop_(loop),
      handler_(handler),
      silence_(loop, kSilence, [this] { TrimBuffers(); }),
      self_(std::make_shared<Transport*>(this)) {}

Transport::~Transport() {
  *self_ = nullptr;
  loop_.Cancel(linger_timer_);
  NoteFreedMemory(kConnectionBytes);
  if (!closed_ && socket_.valid()) loop_.Unwatch(socket_.get());
  if (session_ != nullptr) {
    if (event_ != nullptr) ssh_event_remove_session(event_, session_);
    ssh_free(session_);
  }
  if (event_ != nullptr) ssh_event_free(event_);
}

absl::Status Transport::Attach(ssh_session session, UniqueFd socket) {
  session_ = session;
  socket_ = std::move(socket);
  const int fd = socket_.get();
  peer_address_ = PeerAddress(fd);
  ssh_set_blocking(session, 0);
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);  // libssh clears it in places
  event_ = ssh_event_new();
  if (event_ == nullptr || ssh_event_add_session(event_, session) != SSH_OK ||
      ssh_set_connection_packet_callback(session, &Transport::OnConnectionPacket, this) != SSH_OK) {
    return absl::ResourceExhaustedError("no memory for an SSH connection");
  }
  early_turns_ = kEarlyTurns;
  AcknowledgeAtOnce();
  loop_.Watch(fd, EPOLLIN, [this](uint32_t) { Drive(); });
  return absl::OkStatus();
}

int Transport::OnConnectionPacket(ssh_session, const uint8_t* payload, size_t size, void* self) {
  auto* transport = static_cast<Transport*>(self);
  if (transport->closed()) return SSH_OK;
  transport->silence_.NoteUse();
  if (transport->Accepts({reinterpret_cast<const char*>(payload), size})) return SSH_OK;
  transport->Disconnect(2, "protocol error");
  return SSH_OK;
}

bool Transport::Accepts(absl::string_view payload) {
  if (open_ && early_packets_.empty()) return handler_.OnPacket(payload);
  if (early_packets_.size() >= kMostEarlyPackets || payload.size() > kLongestEarlyPacket) {
    return false;
  }
  early_packets_.emplace_back(payload);
  return true;
}

bool Transport::DeliverEarlyPackets() {
  for (const std::string& payload : std::exchange(early_packets_, {})) {
    if (closed()) return true;
    if (!handler_.OnPacket(payload)) return false;
  }
  return true;
}

void Transport::Send(absl::string_view head, absl::string_view body) {
  if (closed_ || disconnecting_ || !open_) return;
  silence_.NoteUse();
  Cork();
  if (ssh_send_connection_packet(session_, head.data(), head.size(), body.data(), body.size()) !=
      SSH_OK) {
    Fail(LastError("cannot send"));
    return;
  }
  if (above_high_watermark()) {
    was_above_high_ = true;
    Uncork();
  }
}

void Transport::Cork() {
  if (corked_) return;
  corked_ = true;
  ssh_session_cork(session_);
  loop_.Post([self = self_] {
    if (*self != nullptr) (*self)->Uncork();
  });
}

void Transport::Uncork() {
  if (!corked_ || closed_) return;
  corked_ = false;
  if (ssh_session_uncork(session_) != SSH_OK) {
    Fail(LastError("cannot send"));
    return;
  }
  UpdateInterest();
}

size_t Transport::output_pending() const {
  return session_ == nullptr || closed_ ? 0 : ssh_get_output_pending(session_);
}

bool Transport::OwesAcknowledgements(absl::Duration longer_than) const {
  tcp_info info = {};
  socklen_t size = sizeof(info);
  if (closed_ || getsockopt(socket_.get(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return false;
  // A peer that did not read before it vanished has nothing to acknowledge but the kernel's probes.
  // One of those may be lost, or be too early after the one before to be answered.
  return (info.tcpi_unacked > 0 || info.tcpi_probes > 1) &&
         absl::Milliseconds(info.tcpi_last_ack_recv) > longer_than;
}

void Transport::SetAddresses(const std::string& peer, const std::string& local) {
  if (!peer.empty()) peer_address_ = peer;
  local_address_ = local;
}

std::string Transport::local_address() const {
  if (!local_address_.empty()) return local_address_;
  return socket_.valid() ? LocalAddress(socket_.get()) : "";
}

std::string Transport::session_identifier() const {
  size_t size = 0;
  const unsigned char* const identifier =
      session_ == nullptr ? nullptr : ssh_get_session_identifier(session_, &size);
  return identifier == nullptr ? "" : std::string(reinterpret_cast<const char*>(identifier), size);
}

void Transport::PauseReading() {
  if (closed_) return;
  paused_ = true;
  ssh_session_pause_reading(session_);
  UpdateInterest();
}

void Transport::ResumeReading() {
  if (closed_ || !paused_) return;
  paused_ = false;
  if (choked_) return;
  ssh_session_resume_reading(session_);
  ScheduleDrive();
}

bool Transport::MindAnswers() {
  const size_t pending = output_pending();
  if (!open_) {
    // Reading cannot be paused yet, and nobody has that much to be told.
    if (pending <= kMostBeforeOpen || disconnecting_) return true;
    Fail(absl::ResourceExhaustedError("the peer reads no answers"));
    return false;
  }
  if (!choked_ && pending > 2 * high_watermark_) {
    choked_ = true;
    ssh_session_pause_reading(session_);
  } else if (choked_ && pending <= high_watermark_) {
    choked_ = false;
    if (!paused_ && !disconnecting_) {
      ssh_session_resume_reading(session_);
      ScheduleDrive();
    }
  }
  return true;
}

void Transport::SetOpen() {
  open_ = true;
  silence_.NoteUse();
}

void Transport::TrimBuffers() {
  if (!closed_) NoteFreedMemory(ssh_session_trim_buffers(session_));
}

void Transport::ScheduleDrive() {
  if (drive_scheduled_) return;
  drive_scheduled_ = true;
  loop_.Post([self = self_] {
    if (*self == nullptr) return;
    (*self)->drive_scheduled_ = false;
    (*self)->Drive();
  });
}

void Transport::AcknowledgeAtOnce() {
  // The kernel takes it back when it likes, so each turn asks again. No error matters.
  const int on = 1;
  setsockopt(socket_.get(), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

void Transport::Drive() {
  if (closed_) return;
  if (early_turns_ > 0) {
    --early_turns_;
    AcknowledgeAtOnce();
  }
  for (int round = 0; round < kRoundsPerDrive; ++round) {
    const int rc = ssh_event_dopoll(event_, 0);
    if (closed_) return;
    if (rc == SSH_ERROR || (ssh_get_status(session_) & (SSH_CLOSED | SSH_CLOSED_ERROR)) != 0) {
      peer_farewell_ = FarewellIn(ssh_get_error(session_));
      Fail(LastError("the connection ended"));
      return;
    }
    if (!MindAnswers()) return;
    if (!open_ && !disconnecting_) Step();
    if (open_ && !early_packets_.empty() && !DeliverEarlyPackets()) {
      Disconnect(2, "protocol error");
    }
    if (closed_) return;
    if (rc == SSH_AGAIN) break;
  }
  if (disconnecting_ && output_pending() == 0) {
    FinishDisconnect();
    return;
  }
  if (was_above_high_ && output_pending() <= high_watermark_ / 4) {
    was_above_high_ = false;
    handler_.OnOutputDrained();
  }
  if (!closed_) UpdateInterest();
}

void Transport::UpdateInterest() {
  const int flags = ssh_get_poll_flags(session_);
  uint32_t events = 0;
  if ((flags & SSH_READ_PENDING) != 0) events |= EPOLLIN;
  if ((flags & SSH_WRITE_PENDING) != 0 || output_pending() > 0) events |= EPOLLOUT;
  loop_.Modify(socket_.get(), events);
}

void Transport::Disconnect(uint32_t reason, const std::string& description) {
  if (closed_ || disconnecting_) return;
  disconnecting_ = true;
  disconnect_reason_ = reason;
  disconnect_text_ = description;
  status_ = absl::CancelledError(description);
  ssh_session_pause_reading(session_);
  linger_timer_ = loop_.After(kLinger, [this] { FinishDisconnect(); });
  ScheduleDrive();
}

void Transport::FinishDisconnect() {
  if (closed_) return;
  ssh_session_disconnect_with(session_, disconnect_reason_, disconnect_text_.c_str());
  loop_.Unwatch(socket_.get());
  LingeringClose(loop_, std::move(socket_));
  Fail(status_);
}

void Transport::Fail(absl::Status status) {
  if (closed_) return;
  closed_ = true;
  if (!disconnecting_) status_ = std::move(status);
  if (socket_.valid()) {
    loop_.Unwatch(socket_.get());
    if (ssh_get_fd(session_) < 0) socket_.Reset();  // else libssh has it until it is freed
  }
  loop_.Post([self = self_] {
    if (*self != nullptr) (*self)->handler_.OnClosed((*self)->status_);
  });
}

absl::Status Transport::LastError(absl::string_view what) const {
  const char* text = ssh_get_error(session_);
  if (text == nullptr || *text == '\0') return absl::UnavailableError(what);
  return absl::UnavailableError(absl::StrCat(what, ": ", Printable(text)));
}

}  // namespace homeport::ssh
