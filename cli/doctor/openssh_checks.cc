#include "cli/doctor/openssh_checks.h"

#include <poll.h>
#include <sys/socket.h>

#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "base/address.h"
#include "base/file.h"
#include "cli/doctor/sshd_config.h"

namespace homeport::doctor {
namespace {

// As long as the agent waits.
constexpr absl::Duration kGreetingTime = absl::Milliseconds(500);
constexpr char kGreeting[] = "SSH-2.0-";
constexpr char kConfig[] = "/etc/ssh/sshd_config";
constexpr size_t kMostNames = 5;

Finding Missing(std::string name, std::string what, std::string why, std::string fix) {
  return {std::move(name), Finding::State::kMissing, std::move(what), std::move(why),
          std::move(fix)};
}

enum class Port { kClosed, kSsh, kOther };

Port LookAtPort(const std::string& address) {
  const absl::StatusOr<UniqueFd> socket = Connect(address, kGreetingTime);
  if (!socket.ok()) return Port::kClosed;
  const absl::Time deadline = absl::Now() + kGreetingTime;
  std::string heard;
  while (heard.size() < sizeof(kGreeting) - 1) {
    pollfd waiting = {socket->get(), POLLIN, 0};
    const int64_t left = absl::ToInt64Milliseconds(deadline - absl::Now());
    if (left <= 0 || poll(&waiting, 1, static_cast<int>(left)) <= 0) break;
    char buffer[64];
    const ssize_t n = recv(socket->get(), buffer, sizeof(buffer), 0);
    if (n <= 0) break;
    heard.append(buffer, static_cast<size_t>(n));
  }
  return absl::StartsWith(heard, kGreeting) ? Port::kSsh : Port::kOther;
}

std::string FindSshd(const Surroundings& here) {
  for (const char* path : {"/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"}) {
    if (here.CanExecute(path)) return path;
  }
  return "";
}

Finding CheckPort(Port port, const std::string& address, const std::string& sshd) {
  if (port == Port::kSsh) return Ok("port", absl::StrCat("an SSH server answers at ", address));
  if (port == Port::kOther) {
    return Missing("port",
                   absl::StrCat("what listens at ", address, " does not greet as an SSH server"),
                   "the agent passes it over, so sessions get the embedded server, and each new "
                   "connection waits half a second for it",
                   "let that program listen on another port");
  }
  if (sshd.empty()) {
    return Ok("port", absl::StrCat("nothing listens at ", address,
                                   ": sessions get the agent's embedded server"));
  }
  return {"port", Finding::State::kNote,
          absl::StrCat(sshd, " is installed, and nothing listens at ", address),
          "sessions get the agent's embedded server, which reads no sshd_config",
          "start it: systemctl enable --now ssh, or homeport-agent run ... -- " + sshd + " -D"};
}

Finding CheckUserEnvironment(const SshdConfig& config) {
  const std::string value = config.Value("PermitUserEnvironment", "no");
  if (!absl::EqualsIgnoreCase(value, "no")) {
    return Ok("user-environment", "PermitUserEnvironment " + value);
  }
  return Missing("user-environment", "sshd does not read ~/.ssh/environment",
                 "sessions lack the image's variables and the CODER_ ones, and the key socket's",
                 absl::StrCat("add \"PermitUserEnvironment yes\" to ", kConfig,
                              ", before any Match, and restart sshd"));
}

Finding CheckX11(const SshdConfig& config) {
  if (!config.IsYes("X11Forwarding", false)) {
    return Missing("x11", "sshd has X11Forwarding off", "ssh -X shows no window",
                   absl::StrCat("add \"X11Forwarding yes\" to ", kConfig, " and restart sshd"));
  }
  if (config.IsYes("X11UseLocalhost", true)) {
    return Missing("x11", "sshd has X11UseLocalhost on",
                   "a display is then localhost:10, which programs in containers of the workspace "
                   "do not reach",
                   absl::StrCat("add \"X11UseLocalhost no\" to ", kConfig, " and restart sshd"));
  }
  return Ok("x11", "X11Forwarding yes, X11UseLocalhost no");
}

Finding CheckXauth(const Surroundings& here, const SshdConfig& config) {
  // Where Debian's and the others' sshd look; PATH does not matter to it.
  const std::string located = config.Value("XAuthLocation", "/usr/bin/xauth");
  if (here.CanExecute(located)) return Ok("xauth", located);
  return Missing("xauth", absl::StrCat("there is no ", located),
                 "ssh -X says \"X11 forwarding request failed on channel 0\"",
                 "apt-get install xauth (elsewhere: xorg-xauth, xorg-x11-xauth)");
}

Finding CheckSignIn(const SshdConfig& config) {
  constexpr char kWhy[] = "sshd refuses the owner's key, and sessions get the embedded server";
  if (!config.IsYes("PubkeyAuthentication", true)) {
    return Missing("sign-in", "sshd has PubkeyAuthentication off", kWhy,
                   absl::StrCat("set it to yes in ", kConfig));
  }
  const std::string files =
      config.Value("AuthorizedKeysFile", ".ssh/authorized_keys .ssh/authorized_keys2");
  if (!absl::StrContains(files, ".ssh/authorized_keys")) {
    return Missing("sign-in", "sshd reads keys from " + files, kWhy,
                   absl::StrCat("add .ssh/authorized_keys to AuthorizedKeysFile in ", kConfig));
  }
  return Ok("sign-in", "sshd takes keys from " + files);
}

Finding CheckSystemEnvironment(const Surroundings& here) {
  std::vector<std::string> names;
  const std::string content = ReadFile(here.root + "/etc/environment").value_or("");
  for (absl::string_view line : absl::StrSplit(content, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    absl::ConsumePrefix(&line, "export ");
    const size_t equals = line.find('=');
    if (line.empty() || line[0] == '#' || equals == absl::string_view::npos) continue;
    names.emplace_back(line.substr(0, equals));
  }
  if (names.empty()) return Ok("system-environment", "/etc/environment sets nothing");
  const size_t more = names.size() > kMostNames ? names.size() - kMostNames : 0;
  names.resize(names.size() - more);
  return Missing("system-environment",
                 absl::StrCat("/etc/environment sets ", absl::StrJoin(names, ", "),
                              more > 0 ? absl::StrCat(" and ", more, " more") : ""),
                 "OpenSSH's sessions then have these values and not the image's",
                 "rm /etc/environment");
}

}  // namespace

std::vector<Finding> CheckOpenSsh(const Surroundings& here, const std::optional<AgentRun>& agent) {
  std::string address = here.openssh_address;
  if (agent.has_value() && agent->flags.count("openssh_address") != 0) {
    address = agent->flags.at("openssh_address");
  }
  const std::string sshd = FindSshd(here);
  const Port port = LookAtPort(address);
  std::vector<Finding> findings = {CheckPort(port, address, sshd)};
  if (sshd.empty() && port != Port::kSsh) return findings;
  const SshdConfig config(here.root);
  if (!config.unreadable().empty()) {
    findings.push_back({"sshd-config", Finding::State::kNote,
                        "cannot read " + absl::StrJoin(config.unreadable(), ", "),
                        "what stands there is not considered below",
                        "run homeport doctor as root"});
  }
  findings.push_back(CheckSignIn(config));
  findings.push_back(CheckUserEnvironment(config));
  findings.push_back(CheckX11(config));
  findings.push_back(CheckXauth(here, config));
  findings.push_back(CheckSystemEnvironment(here));
  return findings;
}

}  // namespace homeport::doctor
