// Tells a person who signed in why there is no workspace: whatever they ask for ends with a
// sentence on standard error and exit status 255.
//
// Threads: the connection's loop thread.
#ifndef HOMEPORT_SSHPROXY_REFUSAL_H_
#define HOMEPORT_SSHPROXY_REFUSAL_H_

#include <functional>
#include <string>

#include "ssh/connection_server.h"

namespace homeport {

// The sentence as stderr for sessions, and as the description of refused forwards. `told` is called
// when a session that was told is closed at both ends; it must not destroy the server.
ssh::ConnectionServer::OpenCallback RefuseWith(std::string sentence, std::function<void()> told);

// A refusal's connection opens at most this many channels at a time.
inline constexpr size_t kRefusalChannels = 10;

}  // namespace homeport

#endif  // HOMEPORT_SSHPROXY_REFUSAL_H_
