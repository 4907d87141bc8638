// Who is at the user's end of a session, for SSH_CONNECTION and SSH_CLIENT.
//
// Threads: any.
#ifndef HOMEPORT_AGENT_SESSION_ENDPOINTS_H_
#define HOMEPORT_AGENT_SESSION_ENDPOINTS_H_

#include <optional>
#include <string>

#include "base/address.h"

namespace homeport::agent {

// Both hosts are addresses, never names; an IPv4 address that is mapped into IPv6 is written as
// IPv4, as sshd does.
struct SessionEndpoints {
  HostPort client;  // the user's own
  HostPort server;  // where the user connected to
};

// From two "host:port". Nothing unless both hosts are addresses and both ports from 1 to 65535: the
// text comes from elsewhere and ends up in environments.
std::optional<SessionEndpoints> ParseEndpoints(const std::string& client,
                                               const std::string& server);

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_SESSION_ENDPOINTS_H_
