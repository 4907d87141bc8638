// Sockets that listen on a port of this machine's loopback addresses, as sshd makes them with
// GatewayPorts no.
//
// Threads: any; nothing is looked up by name.
#ifndef HOMEPORT_AGENT_LOOPBACK_LISTENERS_H_
#define HOMEPORT_AGENT_LOOPBACK_LISTENERS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "base/unique_fd.h"

namespace homeport::agent {

struct LoopbackListeners {
  std::vector<UniqueFd> sockets;  // non-blocking; one or two
  int port = 0;
};

enum class LoopbackFamilies { kBoth, kIpv4, kIpv6 };

// Port 0 takes a free one, the same for both families. With kBoth one family that works is enough,
// unless `all_or_none`: then a family that the machine has and whose port is taken is an error.
absl::StatusOr<LoopbackListeners> ListenOnLoopback(LoopbackFamilies families, int port,
                                                   bool all_or_none);

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_LOOPBACK_LISTENERS_H_
