#include "sshproxy/channel_kind.h"

namespace homeport {
namespace {

struct Type {
  absl::string_view name;
  ChannelKind kind;
};

// OpenSSH PROTOCOL, 2; draft-ietf-sshm-ssh-agent, 5 for agent-connect.
constexpr Type kTypes[] = {
    {"session", ChannelKind::kSession},
    {"direct-tcpip", ChannelKind::kDirectForward},
    {"direct-streamlocal@openssh.com", ChannelKind::kDirectForward},
    {"tun@openssh.com", ChannelKind::kDirectForward},
    {"forwarded-tcpip", ChannelKind::kRemoteForward},
    {"forwarded-streamlocal@openssh.com", ChannelKind::kRemoteForward},
    {"auth-agent@openssh.com", ChannelKind::kAgent},
    {"auth-agent", ChannelKind::kAgent},
    {"agent-connect", ChannelKind::kAgent},
    {"x11", ChannelKind::kX11},
};

}  // namespace

bool SessionPolicy::Allows(ChannelKind kind) const {
  switch (kind) {
    case ChannelKind::kSession:
    case ChannelKind::kShell:
    case ChannelKind::kExec:
    case ChannelKind::kSubsystem:
      return true;
    case ChannelKind::kFileTransfer:
      return file_transfer;
    case ChannelKind::kDirectForward:
    case ChannelKind::kRemoteForward:
      return port_forwarding;
    case ChannelKind::kAgent:
      return agent_forwarding;
    case ChannelKind::kX11:
      return x11_forwarding;
    case ChannelKind::kUnknown:
      break;
  }
  return port_forwarding && agent_forwarding && x11_forwarding;
}

ChannelKind KindOfType(absl::string_view type) {
  for (const Type& known : kTypes) {
    if (known.name == type) return known.kind;
  }
  return ChannelKind::kUnknown;
}

absl::string_view FeatureOf(ChannelKind kind) {
  switch (kind) {
    case ChannelKind::kFileTransfer:
      return "File transfer";
    case ChannelKind::kDirectForward:
    case ChannelKind::kRemoteForward:
      return "Port forwarding";
    case ChannelKind::kAgent:
      return "Agent forwarding";
    case ChannelKind::kX11:
      return "X11 forwarding";
    default:
      return "This kind of channel";
  }
}

}  // namespace homeport
