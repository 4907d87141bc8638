// Of what kind a channel is, and which kinds a policy allows. The kinds are those of ChannelKind in
// live_session.proto, with the same numbers.
//
// Threads: values.
#ifndef HOMEPORT_SSHPROXY_CHANNEL_KIND_H_
#define HOMEPORT_SSHPROXY_CHANNEL_KIND_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace homeport {

enum class ChannelKind : uint8_t {
  kUnknown = 0,
  kSession = 1,
  kShell = 2,
  kExec = 3,
  kFileTransfer = 4,
  kSubsystem = 5,
  kDirectForward = 6,
  kRemoteForward = 7,
  kAgent = 8,
  kX11 = 9,
};
inline constexpr size_t kChannelKinds = 10;

// What a session may do besides commands and terminals; SessionPolicy in session.proto.
struct SessionPolicy {
  bool port_forwarding = true;
  bool file_transfer = true;
  bool agent_forwarding = true;
  bool x11_forwarding = true;

  // Whether channels of that kind may be. Of a type that nobody here knows it cannot be said what
  // it carries, so it is allowed only where every forward is.
  bool Allows(ChannelKind kind) const;
};

struct ChannelCount {
  int32_t open = 0;   // now
  int64_t total = 0;  // since the session began
};
using ChannelCounts = std::array<ChannelCount, kChannelKinds>;  // by kind

// What a session has carried; SessionTraffic in live_session.proto.
struct SessionTraffic {
  int64_t bytes_to_user = 0;
  int64_t bytes_to_workspace = 0;
  ChannelCounts channels{};
};

// The kind of a new channel of this type (RFC 4254, 5.1).
ChannelKind KindOfType(absl::string_view type);

// "Port forwarding", "File transfer", …: what a policy forbids with a channel of this kind.
absl::string_view FeatureOf(ChannelKind kind);

}  // namespace homeport

#endif  // HOMEPORT_SSHPROXY_CHANNEL_KIND_H_
