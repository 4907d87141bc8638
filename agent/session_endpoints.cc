#include "agent/session_endpoints.h"

#include <arpa/inet.h>

namespace homeport::agent {
namespace {

std::optional<HostPort> ParseNumeric(const std::string& text) {
  const absl::StatusOr<HostPort> parsed = ParseHostPort(text);
  if (!parsed.ok() || parsed->port == 0) return std::nullopt;
  HostPort address = *parsed;
  in_addr ipv4;
  if (inet_pton(AF_INET, address.host.c_str(), &ipv4) == 1) return address;
  // A link-local address comes with the name of its interface.
  in6_addr ipv6;
  const size_t scope = address.host.find('%');
  if (inet_pton(AF_INET6, address.host.substr(0, scope).c_str(), &ipv6) != 1) return std::nullopt;
  char written[INET6_ADDRSTRLEN];
  if (IN6_IS_ADDR_V4MAPPED(&ipv6)) {
    inet_ntop(AF_INET, &ipv6.s6_addr[12], written, sizeof(written));
  } else {
    inet_ntop(AF_INET6, &ipv6, written, sizeof(written));
  }
  address.host = written;
  return address;
}

}  // namespace

std::optional<SessionEndpoints> ParseEndpoints(const std::string& client,
                                               const std::string& server) {
  const std::optional<HostPort> client_address = ParseNumeric(client);
  const std::optional<HostPort> server_address = ParseNumeric(server);
  if (!client_address.has_value() || !server_address.has_value()) return std::nullopt;
  return SessionEndpoints{*client_address, *server_address};
}

}  // namespace homeport::agent
