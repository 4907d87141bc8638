#include "agent/direct_forward.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/socket_channel.h"
#include "base/ssh_wire.h"

namespace homeport::agent {
namespace {

constexpr char kTcp[] = "direct-tcpip";
constexpr char kUnix[] = "direct-streamlocal@openssh.com";
// sshd's words for what it does not explain.
constexpr char kOpenFailed[] = "open failed";
constexpr uint32_t kHighestPort = 65535;

}  // namespace

DirectForward::DirectForward(EventLoop& loop, WorkerPool& resolver, absl::Duration connect_limit)
    : loop_(loop), resolver_(resolver), connect_limit_(connect_limit) {}

bool DirectForward::Serves(absl::string_view type) { return type == kTcp || type == kUnix; }

ssh::ConnectionServer::OpenResult DirectForward::Open(const std::string& type,
                                                      absl::string_view payload) {
  WireReader reader(payload);
  const bool to_path = type == kUnix;
  std::string target(reader.String());
  const uint32_t port = to_path ? 0 : reader.Uint32();
  reader.String();  // where the client accepted it, or reserved
  reader.Uint32();
  ssh::ConnectionServer::OpenResult result;
  result.reason = ssh::kConnectFailed;
  result.description = kOpenFailed;
  if (!reader.AtEnd() || port > kHighestPort || target.find('\0') != std::string::npos) {
    return result;
  }
  // sshd's working folder is "/".
  if (to_path && !target.empty() && target[0] != '/') target = absl::StrCat("/", target);
  result.later = [this, to_path, target = std::move(target),
                  port](const ssh::ConnectionServer::OpenAnswer& answer) {
    Connect(to_path, target, static_cast<int>(port), answer);
  };
  return result;
}

void DirectForward::Connect(bool to_path, const std::string& target, int port,
                            const ssh::ConnectionServer::OpenAnswer& answer) {
  const uint64_t id = next_++;
  auto connect = std::make_unique<StreamConnect>(
      loop_, connect_limit_, [this, id, to_path, answer](absl::StatusOr<UniqueFd> socket) {
        under_way_.erase(id);
        if (socket.ok()) {
          answer.Confirm(std::make_unique<SocketChannel>(loop_, *std::move(socket)));
        } else {
          // sshd says no more than this of a path.
          answer.Refuse(ssh::kConnectFailed, to_path ? kOpenFailed : socket.status().message());
        }
      });
  StreamConnect& started = *connect;
  under_way_.emplace(id, std::move(connect));
  if (to_path) {
    started.ToPath(target);
  } else {
    started.ToHost(resolver_, target, port);
  }
}

}  // namespace homeport::agent
