// The PROXY protocol's header (versions 1 and 2): with it a load balancer says, before the client's
// first byte, who the client is.
//
// Threads: any.
#ifndef HOMEPORT_SSHPROXY_PROXY_HEADER_H_
#define HOMEPORT_SSHPROXY_PROXY_HEADER_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace homeport {

struct ProxyHeader {
  size_t size = 0;  // of the header
  // `host:port`. Empty if the balancer speaks for itself (LOCAL) or does not know: then the
  // connection's own addresses count.
  std::string client_address;
  std::string server_address;
};

// No header that is accepted is longer. Version 2 could be, with extensions (TLVs), which are
// passed over.
constexpr size_t kLongestProxyHeader = 2048;

// The header that `bytes` begin with; nothing as long as they are only the beginning of one.
// INVALID_ARGUMENT if they cannot become one.
absl::StatusOr<std::optional<ProxyHeader>> ReadProxyHeader(absl::string_view bytes);

}  // namespace homeport

#endif  // HOMEPORT_SSHPROXY_PROXY_HEADER_H_
