#include "agent/session_environment.h"

#include <algorithm>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace homeport::agent {
namespace {

constexpr absl::string_view kNotInherited[] = {
    "SSH_CLIENT",     "SSH_CONNECTION",
    "SSH_TTY",        "SSH_ORIGINAL_COMMAND",
    "SSH_USER_AUTH",  "SSH_AUTH_SOCK",
    "SSH_AGENT_PID",  "TERM",
    "COLUMNS",        "LINES",
    "SHLVL",          "PWD",
    "OLDPWD",         "_",
    "NOTIFY_SOCKET",  "LISTEN_PID",
    "LISTEN_FDS",     "LISTEN_FDNAMES",
    "WATCHDOG_PID",   "WATCHDOG_USEC",
    "JOURNAL_STREAM", "INVOCATION_ID",
};

bool IsInherited(absl::string_view name) {
  return !name.empty() && !absl::StartsWith(name, "HOMEPORT_") &&
         std::find(std::begin(kNotInherited), std::end(kNotInherited), name) ==
             std::end(kNotInherited);
}

constexpr char kUserPath[] = "/usr/local/bin:/usr/bin:/bin";
constexpr char kRootPath[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

}  // namespace

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
  variables["PATH"] = account.root ? kRootPath : kUserPath;
  for (const std::string& entry : sources.inherited) {
    const size_t equals = entry.find('=');
    if (equals == std::string::npos) continue;
    const std::string name = entry.substr(0, equals);
    if (IsInherited(name)) variables[name] = entry.substr(equals + 1);
  }
  for (const auto& [name, value] : sources.from_client) variables[name] = value;
  variables["HOME"] = account.home;
  variables["USER"] = account.user;
  variables["LOGNAME"] = account.user;
  variables["SHELL"] = account.shell;
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
