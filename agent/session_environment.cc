#include "agent/session_environment.h"

#include <algorithm>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace homeport::agent {

bool AcceptsVariable(absl::string_view name) {
  if (!std::all_of(name.begin(), name.end(), [](char c) {
        return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               (c >= '0' && c <= '9');
      })) {
    return false;
  }
  return name == "LANG" || (absl::StartsWith(name, "LC_") && name.size() > 3);
}

std::vector<std::string> MakeEnvironment(const EnvironmentSources& sources,
                                         const Account& account) {
  std::map<std::string, std::string> variables;
  for (const auto& [name, value] : sources.from_client) variables[name] = value;
  variables["LOGNAME"] = account.user;
  if (!sources.terminal_type.empty()) variables["TERM"] = sources.terminal_type;
  if (!sources.tty.empty()) variables["SSH_TTY"] = sources.tty;
  if (!sources.agent_socket.empty()) variables["SSH_AUTH_SOCK"] = sources.agent_socket;
  if (!sources.display.empty()) variables["DISPLAY"] = sources.display;
  if (sources.endpoints.has_value()) {
    const HostPort& client = sources.endpoints->client;
    const HostPort& server = sources.endpoints->server;
    variables["SSH_CLIENT"] = absl::StrCat(client.host, " ", client.port, " ", server.port);
    variables["SSH_CONNECTION"] =
        absl::StrCat(client.host, " ", client.port, " ", server.host, " ", server.port);
  }
  std::vector<std::string> environment;
  environment.reserve(variables.size());
  for (const auto& [name, value] : variables) {
    environment.push_back(absl::StrCat(name, "=", value));
  }
  return environment;
}

}  // namespace homeport::agent
