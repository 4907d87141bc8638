// `homeport-agent add-xauthority`: what a session starts before its own program where there is no
// xauth. A process of its own because files, and their locks, may take long.
#ifndef HOMEPORT_AGENT_XAUTHORITY_PROCESS_H_
#define HOMEPORT_AGENT_XAUTHORITY_PROCESS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "agent/xauthority.h"

namespace homeport::agent {

// The subcommand's name.
inline constexpr char kAddXauthority[] = "add-xauthority";

// What it is to read: the display's number, the protocol and the secret in hexadecimal, which is no
// argument because others can see those.
std::string XauthorityInput(int display, absl::string_view protocol, absl::string_view secret);
// INVALID_ARGUMENT if it is malformed. The address is this host's name.
absl::StatusOr<XauthorityEntry> ParseXauthorityInput(absl::string_view input);

// Reads one entry from standard input and puts it into $XAUTHORITY or ~/.Xauthority; says on
// standard error what goes wrong. Returns the exit status.
int RunAddXauthority();

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_XAUTHORITY_PROCESS_H_
