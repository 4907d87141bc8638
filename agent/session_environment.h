// What a session sets in its process's environment, beyond what the workspace sets
// (workspace_environment.h): where the user comes from, the terminal, forwards, and what the client
// sent.
//
// Threads: any.
#ifndef HOMEPORT_AGENT_SESSION_ENVIRONMENT_H_
#define HOMEPORT_AGENT_SESSION_ENVIRONMENT_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "agent/account.h"
#include "agent/session_endpoints.h"

namespace homeport::agent {

struct EnvironmentSources {
  std::vector<std::pair<std::string, std::string>> from_client;  // accepted by AcceptsVariable
  std::string terminal_type;  // of pty-req; empty without a terminal
  std::string tty;            // the terminal's device; empty without one
  std::optional<SessionEndpoints> endpoints;
  std::string agent_socket;  // of agent forwarding; empty without it
  std::string display;       // of X11 forwarding; empty without it
};

// Whether a client may set the variable (RFC 4254, 6.4): LANG and LC_*, as Debian's OpenSSH.
bool AcceptsVariable(absl::string_view name);

// "NAME=value", each name once.
std::vector<std::string> MakeEnvironment(const EnvironmentSources& sources, const Account& account);

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_SESSION_ENVIRONMENT_H_
