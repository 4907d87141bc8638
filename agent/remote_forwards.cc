#include "agent/remote_forwards.h"

#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/channel_acceptor.h"
#include "agent/loopback_listeners.h"
#include "agent/unix_listener.h"
#include "base/logging.h"
#include "base/ssh_wire.h"

namespace homeport::agent {
namespace {

constexpr char kListenTcp[] = "tcpip-forward";
constexpr char kCancelTcp[] = "cancel-tcpip-forward";
constexpr char kListenUnix[] = "streamlocal-forward@openssh.com";
constexpr char kCancelUnix[] = "cancel-streamlocal-forward@openssh.com";
constexpr uint32_t kHighestPort = 65535;

// sshd lets a client choose between the two loopback addresses; every other address means both.
LoopbackFamilies FamiliesOf(const std::string& address) {
  if (address == "127.0.0.1") return LoopbackFamilies::kIpv4;
  if (address == "::1") return LoopbackFamilies::kIpv6;
  return LoopbackFamilies::kBoth;
}

void LogRefusal(const absl::Status& status) {
  Logger("embedded")->info("a forward was refused: {}", Printable(status.message()));
}

}  // namespace

// What one request made.
class RemoteForwards::Forward {
 public:
  void Listen(EventLoop& loop, ssh::ConnectionServer& server, LoopbackListeners listeners,
              const std::string& address) {
    sockets_ = std::move(listeners.sockets);
    const std::string connected =
        WireWriter().String(address).Uint32(static_cast<uint32_t>(listeners.port)).bytes();
    for (const UniqueFd& socket : sockets_) {
      acceptors_.push_back(std::make_unique<ChannelAcceptor>(
          loop, server, socket.get(), "forwarded-tcpip", [connected](int accepted) {
            return absl::StrCat(connected, OriginatorFields(accepted));
          }));
    }
  }
  void Listen(EventLoop& loop, ssh::ConnectionServer& server, UnixListener listener,
              const std::string& path) {
    unix_listener_.emplace(std::move(listener));
    const std::string payload = WireWriter().String(path).String("").bytes();
    acceptors_.push_back(std::make_unique<ChannelAcceptor>(loop, server, unix_listener_->fd(),
                                                           "forwarded-streamlocal@openssh.com",
                                                           [payload](int) { return payload; }));
  }

 private:
  std::vector<UniqueFd> sockets_;
  std::optional<UnixListener> unix_listener_;
  std::vector<std::unique_ptr<ChannelAcceptor>> acceptors_;  // of the sockets: go first
};

RemoteForwards::RemoteForwards(EventLoop& loop, ssh::ConnectionServer& server, size_t max_forwards)
    : loop_(loop), server_(server), max_forwards_(max_forwards) {}

RemoteForwards::~RemoteForwards() = default;

bool RemoteForwards::Serves(absl::string_view request) {
  return request == kListenTcp || request == kCancelTcp || request == kListenUnix ||
         request == kCancelUnix;
}

bool RemoteForwards::OnRequest(const std::string& name, absl::string_view payload, bool want_reply,
                               const ssh::ConnectionServer::GlobalReply& reply) {
  const WireReader reader(payload);
  if (name == kListenTcp) return OnListenTcp(reader, want_reply, reply);
  if (name == kListenUnix) return OnListenUnix(reader, reply);
  return OnCancel(name == kCancelTcp, reader, reply);
}

bool RemoteForwards::OnListenTcp(WireReader reader, bool want_reply,
                                 const ssh::ConnectionServer::GlobalReply& reply) {
  const std::string address(reader.String());
  const uint32_t port = reader.Uint32();
  if (!reader.AtEnd()) return false;
  // Without a reply nobody would learn the port that was chosen.
  const bool sensible = port <= kHighestPort && (port != 0 || want_reply);
  if (!sensible || forwards_.size() >= max_forwards_ || forwards_.count({address, port}) != 0) {
    reply.Failure();
    return true;
  }
  absl::StatusOr<LoopbackListeners> listeners =
      ListenOnLoopback(FamiliesOf(address), static_cast<int>(port), /*all_or_none=*/false);
  if (!listeners.ok()) {
    LogRefusal(listeners.status());
    reply.Failure();
    return true;
  }
  const auto chosen = static_cast<uint32_t>(listeners->port);
  auto forward = std::make_unique<Forward>();
  forward->Listen(loop_, server_, *std::move(listeners), address);
  forwards_[{address, chosen}] = std::move(forward);
  reply.Success(port == 0 ? WireWriter().Uint32(chosen).bytes() : "");
  return true;
}

bool RemoteForwards::OnListenUnix(WireReader reader,
                                  const ssh::ConnectionServer::GlobalReply& reply) {
  const std::string path(reader.String());
  if (!reader.AtEnd()) return false;
  if (forwards_.size() >= max_forwards_ || forwards_.count({path, 0}) != 0) {
    reply.Failure();
    return true;
  }
  // sshd's working folder is "/".
  absl::StatusOr<UnixListener> listener =
      UnixListener::Create(path.empty() || path[0] == '/' ? path : absl::StrCat("/", path));
  if (!listener.ok()) {
    LogRefusal(listener.status());
    reply.Failure();
    return true;
  }
  auto forward = std::make_unique<Forward>();
  forward->Listen(loop_, server_, *std::move(listener), path);
  forwards_[{path, 0}] = std::move(forward);
  reply.Success();
  return true;
}

bool RemoteForwards::OnCancel(bool tcp, WireReader reader,
                              const ssh::ConnectionServer::GlobalReply& reply) {
  const std::string target(reader.String());
  const uint32_t port = tcp ? reader.Uint32() : 0;
  if (!reader.AtEnd()) return false;
  // A path's key has port 0, which no TCP forward has.
  const bool known = (!tcp || port != 0) && forwards_.erase({target, port}) != 0;
  known ? reply.Success() : reply.Failure();
  return true;
}

}  // namespace homeport::agent
