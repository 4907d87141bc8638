// Where a call came from: for logs, for the audit, and for limits.
#ifndef HOMEPORT_COORDINATOR_PEER_ADDRESS_H_
#define HOMEPORT_COORDINATOR_PEER_ADDRESS_H_

#include <string>

#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "base/address.h"

namespace homeport {

// "192.0.2.1:1234" or "[2001:db8::1]:1234" from gRPC's "ipv4:192.0.2.1:1234" and
// "ipv6:%5B2001:db8::1%5D:1234".
inline std::string PeerAddress(absl::string_view peer) {
  if (!absl::ConsumePrefix(&peer, "ipv4:")) absl::ConsumePrefix(&peer, "ipv6:");
  return absl::StrReplaceAll(peer, {{"%5B", "["}, {"%5D", "]"}});
}

// The IP address alone: "192.0.2.1" or "2001:db8::1". What is no host:port is given back as it is.
inline std::string HostOf(const std::string& address) {
  const absl::StatusOr<HostPort> parsed = ParseHostPort(address);
  return parsed.ok() ? parsed->host : address;
}

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_PEER_ADDRESS_H_
