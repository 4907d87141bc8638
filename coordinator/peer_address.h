// Where a call came from, for logs and the audit.
#ifndef HOMEPORT_COORDINATOR_PEER_ADDRESS_H_
#define HOMEPORT_COORDINATOR_PEER_ADDRESS_H_

#include <string>

#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace homeport {

// "192.0.2.1:1234" or "[2001:db8::1]:1234" from gRPC's "ipv4:192.0.2.1:1234" and
// "ipv6:%5B2001:db8::1%5D:1234".
inline std::string PeerAddress(absl::string_view peer) {
  if (!absl::ConsumePrefix(&peer, "ipv4:")) absl::ConsumePrefix(&peer, "ipv6:");
  return absl::StrReplaceAll(peer, {{"%5B", "["}, {"%5D", "]"}});
}

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_PEER_ADDRESS_H_
