// host:port addresses and sockets that listen on them or connect to them.
//
// Threads: any. Name look-ups block; do not resolve on a loop thread.
#ifndef HOMEPORT_BASE_ADDRESS_H_
#define HOMEPORT_BASE_ADDRESS_H_

#include <sys/socket.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/unique_fd.h"

namespace homeport {

struct HostPort {
  std::string host;  // without brackets; empty means every address of this machine
  int port = 0;
};

// "host:port", "[v6]:port" or ":port". INVALID_ARGUMENT says what is wrong.
absl::StatusOr<HostPort> ParseHostPort(const std::string& address);

// One or more of these with commas between: "a:1,b:1". INVALID_ARGUMENT says what is wrong.
absl::StatusOr<std::vector<HostPort>> ParseHostPorts(const std::string& addresses);

// "host:port", with brackets where they are needed.
std::string FormatHostPort(const HostPort& address);

// The addresses of a name, each as host:port with the port that it has; blocks for as long as a
// name server may take. UNAVAILABLE names it and the cause.
absl::StatusOr<std::vector<HostPort>> LookUp(const HostPort& name);

// A non-blocking TCP socket that listens. UNAVAILABLE names address and cause.
absl::StatusOr<UniqueFd> Listen(const std::string& address);

// Connects; blocks at most `timeout`. The socket returned is non-blocking with TCP_NODELAY.
// UNAVAILABLE names address and cause, DEADLINE_EXCEEDED the address.
absl::StatusOr<UniqueFd> Connect(const std::string& address, absl::Duration timeout);

// The address that the socket is bound to, or its peer's. Empty if there is none.
std::string LocalAddress(int fd);
std::string PeerAddress(int fd);

// Non-blocking, TCP_NODELAY, and keepalive so that a peer that vanished is noticed within about 90
// s.
void PrepareTcpSocket(int fd);

}  // namespace homeport

#endif  // HOMEPORT_BASE_ADDRESS_H_
