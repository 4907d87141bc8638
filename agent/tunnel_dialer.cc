#include "agent/tunnel_dialer.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/address.h"
#include "base/file.h"
#include "base/logging.h"
#include "base/tunnel_preamble.h"

namespace homeport::agent {
namespace {

constexpr absl::Duration kConnectTime = absl::Seconds(10);
// A repeated dial is recognised for at least this long.
constexpr absl::Duration kRemember = absl::Minutes(5);
// An OpenSSH that has said less than this may have refused the sign-in: that takes 1.9 KB with
// curve25519 and a good kilobyte more with mlkem, while `ssh workspace true` takes 3.1 and 4.
constexpr uint64_t kNoMoreThanSignIn = 3300;
constexpr char kSwitchedOff[] =
    "SSH is disabled on this workspace: External Connect is off for its provider.";

absl::Time ExpireTime(const v1::Dial& dial) {
  if (!dial.has_expire_time()) return absl::InfiniteFuture();
  return absl::FromUnixSeconds(dial.expire_time().seconds()) +
         absl::Nanoseconds(dial.expire_time().nanos());
}

absl::Status SendPreamble(int fd, const v1::Dial& dial, v1::BackendKind kind) {
  TunnelPreamble preamble;
  preamble.backend = static_cast<int>(kind);
  preamble.ticket = dial.ticket();
  const std::string bytes = EncodeTunnelPreamble(preamble);
  // A new connection's buffer takes these few bytes whole.
  const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent == static_cast<ssize_t>(bytes.size())) return absl::OkStatus();
  return ErrnoStatus(sent < 0 ? errno : EAGAIN, absl::StrCat("cannot write to ", dial.address()));
}

std::string Label(const v1::Dial& dial) { return Printable(dial.session_id(), 64); }

}  // namespace

TunnelDialer::TunnelDialer(EventLoop& loop, WorkerPool& pool, Backends& backends,
                           EmbeddedServer& embedded, Options options)
    : loop_(loop),
      pool_(pool),
      backends_(backends),
      embedded_(embedded),
      options_(std::move(options)) {}

void TunnelDialer::Dial(const v1::Dial& dial) {
  if (IsRepetition(dial)) return;
  if (const std::string refusal = Refusal(dial); !refusal.empty()) {
    Reply(dial, v1::BACKEND_KIND_UNSPECIFIED, refusal);
    return;
  }
  ++active_;
  backends_.FindRoute([this, dial](absl::StatusOr<Backends::Route> route) {
    if (route.ok()) {
      ConnectProxy(dial, *std::move(route));
    } else {
      --active_;
      Reply(dial, v1::BACKEND_KIND_UNSPECIFIED, std::string(route.status().message()));
    }
  });
}

std::string TunnelDialer::Refusal(const v1::Dial& dial) const {
  if (stopped_) return "The workspace's agent is stopping.";
  if (dial.ticket().size() != kTicketBytes) {
    return absl::StrCat("The ticket has ", dial.ticket().size(), " bytes instead of ", kTicketBytes,
                        ".");
  }
  if (ExpireTime(dial) <= absl::Now()) {
    return "The ticket had expired when it reached the workspace; is the workspace's clock right?";
  }
  if (active_ >= options_.max_tunnels) return "The workspace has too many connections.";
  return NotAllowed(dial);
}

std::string TunnelDialer::NotAllowed(const v1::Dial& dial) const {
  if (!external_connect_) return kSwitchedOff;
  if (owner_keys_.has_value() && !dial.public_key().empty() &&
      owner_keys_->count(dial.public_key()) == 0) {
    return "The key that this session came with was removed.";
  }
  return "";
}

int TunnelDialer::SetOwnerKeys(const std::vector<std::string>& public_blobs) {
  owner_keys_.emplace(public_blobs.begin(), public_blobs.end());
  int closed = 0;
  for (auto it = relays_.begin(); it != relays_.end();) {
    const std::string& key = it->second.entry_key;
    if (key.empty() || owner_keys_->count(key) != 0) {
      ++it;
      continue;
    }
    it = relays_.erase(it);
    --active_;
    ++closed;
  }
  return closed;
}

int TunnelDialer::SetExternalConnect(bool on) {
  external_connect_ = on;
  if (on) return 0;
  const size_t closed = relays_.size() + embedded_.connections();
  CloseRelays();
  embedded_.DisconnectAll(kSwitchedOff);
  return static_cast<int>(closed);
}

bool TunnelDialer::IsRepetition(const v1::Dial& dial) {
  const absl::Time now = absl::Now();
  for (auto it = dialled_.begin(); it != dialled_.end();) {
    it = it->second < now ? dialled_.erase(it) : std::next(it);
  }
  return !dialled_.emplace(dial.session_id(), now + kRemember).second;
}

void TunnelDialer::ConnectProxy(const v1::Dial& dial, Backends::Route route) {
  // Shared by the copies of the functions below, one after the other.
  auto shared_route = std::make_shared<Backends::Route>(std::move(route));
  pool_.Submit([this, dial, shared_route] {
    const absl::Duration left = std::min(kConnectTime, ExpireTime(dial) - absl::Now());
    auto socket = std::make_shared<absl::StatusOr<UniqueFd>>(
        left > absl::ZeroDuration()
            ? Connect(dial.address(), left)
            : absl::DeadlineExceededError("the ticket expired while the workspace was busy"));
    loop_.Post([this, dial, shared_route, socket] {
      OnProxyConnected(dial, std::move(*shared_route), std::move(*socket));
    });
  });
}

void TunnelDialer::OnProxyConnected(const v1::Dial& dial, Backends::Route route,
                                    absl::StatusOr<UniqueFd> socket) {
  const v1::BackendKind kind = route.kind;
  if (const std::string refusal = NotAllowed(dial); !refusal.empty()) {
    --active_;
    Reply(dial, kind, refusal);
    return;
  }
  absl::Status status = socket.status();
  if (status.ok()) status = SendPreamble(socket->get(), dial, kind);
  if (status.ok()) status = HandOver(dial, std::move(route), *std::move(socket));
  if (!status.ok()) {
    --active_;
    Reply(
        dial, kind,
        absl::StrCat("The workspace cannot open its tunnel to the proxy: ", status.message(), "."));
    return;
  }
  Reply(dial, kind, "");
}

absl::Status TunnelDialer::HandOver(const v1::Dial& dial, Backends::Route route, UniqueFd socket) {
  if (route.kind == v1::BACKEND_KIND_EMBEDDED) {
    return embedded_.Serve(std::move(socket), Label(dial),
                           ParseEndpoints(dial.client_address(), dial.server_address()),
                           dial.public_key(), [this] { --active_; });
  }
  const uint64_t id = next_relay_++;
  const auto on_done = [this, id, label = Label(dial)](const absl::Status& status) {
    const auto found = relays_.find(id);
    const SpliceRelay& splice = *found->second.splice;
    Logger("tunnel")->info("session={} to OpenSSH ended: {} bytes in, {} bytes out, {}", label,
                           splice.bytes_a_to_b(), splice.bytes_b_to_a(),
                           status.ok() ? "closed" : Printable(status.message()));
    if (splice.bytes_b_to_a() < kNoMoreThanSignIn) backends_.LookAgain();
    relays_.erase(found);
    --active_;
  };
  absl::StatusOr<std::unique_ptr<SpliceRelay>> relay =
      SpliceRelay::Create(loop_, std::move(socket), std::move(route.openssh), on_done);
  if (!relay.ok()) return relay.status();
  relays_.emplace(id, Relay{dial.public_key(), *std::move(relay)});
  return absl::OkStatus();
}

void TunnelDialer::Reply(const v1::Dial& dial, v1::BackendKind kind, const std::string& error) {
  if (error.empty()) {
    Logger("tunnel")->info("session={} tunnel to {} for {}", Label(dial), Printable(dial.address()),
                           kind == v1::BACKEND_KIND_OPENSSH ? "OpenSSH" : "the embedded server");
  } else {
    Logger("tunnel")->warn("session={} {}", Label(dial), Printable(error));
  }
  v1::DialResult result;
  result.set_session_id(dial.session_id());
  result.set_backend(kind);
  result.set_error(error);
  options_.on_result(result);
}

void TunnelDialer::CloseRelays() {
  active_ -= relays_.size();
  relays_.clear();
}

}  // namespace homeport::agent
