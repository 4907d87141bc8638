#include "cli/openssh/connection.h"

#include <arpa/inet.h>
#include <sys/un.h>

#include <algorithm>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/logging.h"
#include "cli/known_hosts.h"

namespace homeport {
namespace {

constexpr size_t kMaxSocketPathBytes = sizeof(sockaddr_un::sun_path) - 1;  // it ends with a zero
constexpr size_t kHashBytes = 40;                                          // %C
constexpr size_t kTemporaryBytes = 17;  // what ssh appends to the name of a socket it makes

// A DNS name or an address, and nothing that ssh reads otherwise.
bool IsHostName(const std::string& host) {
  if (host.empty() || host.size() > 253) return false;
  in6_addr v6 = {};
  if (absl::StrContains(host, ':')) return inet_pton(AF_INET6, host.c_str(), &v6) == 1;
  const auto is_letter_or_digit = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c));
  };
  return is_letter_or_digit(host.front()) && std::all_of(host.begin(), host.end(), [&](char c) {
           return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_';
         });
}

absl::StatusOr<HostPort> ParseAddress(const std::string& text) {
  absl::StatusOr<HostPort> address = ParseHostPort(text);
  if (address.ok() && IsHostName(address->host) && address->port > 0) return address;
  return absl::InvalidArgumentError(
      absl::StrCat("\"", Printable(text, 300), "\" is no address; write HOST:PORT"));
}

bool Fits(const std::string& path_without_hash) {
  return path_without_hash.size() + kHashBytes + kTemporaryBytes <= kMaxSocketPathBytes;
}

}  // namespace

absl::StatusOr<HostPort> FrontDoorAddress(const v1::FrontDoor& front_door,
                                          const std::string& named) {
  if (!named.empty()) return ParseAddress(named);
  if (front_door.address().empty()) {
    return absl::FailedPreconditionError(
        "the coordinator does not say where its front door is; name it with --front-door "
        "HOST:PORT");
  }
  absl::StatusOr<HostPort> address = ParseAddress(front_door.address());
  if (address.ok()) return address;
  return absl::InternalError(absl::StrCat("the coordinator says that its front door is at \"",
                                          Printable(front_door.address(), 300),
                                          "\", which is no address"));
}

absl::StatusOr<std::string> KnownHostsFile(const v1::FrontDoor& front_door,
                                           const HostPort& address) {
  std::string file;
  for (const std::string& key : front_door.host_public_keys()) {
    const absl::StatusOr<std::string> line = KnownHostsLine(address.host, address.port, key);
    if (!line.ok()) return line.status();
    absl::StrAppend(&file, *line, "\n");
  }
  if (file.empty()) return absl::FailedPreconditionError("the front door has no host key yet");
  return file;
}

absl::Status CheckPath(absl::string_view path) {
  const bool harmless = std::all_of(path.begin(), path.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return absl::ascii_isalnum(byte) || byte >= 0x80 || absl::StrContains("/ ._-+@,:=~()", c);
  });
  if (absl::StartsWith(path, "/") && harmless) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the path ", Printable(path, 300),
                   " has characters that ssh would read otherwise, or does not begin with /"));
}

std::vector<SshOption> ConnectionOptions(const HostPort& front_door, const std::string& login,
                                         const SshPaths& paths) {
  std::vector<SshOption> options = {
      {"HostName", front_door.host}, {"Port", absl::StrCat(front_door.port)}, {"User", login}};
  if (!paths.identity.empty()) {
    options.push_back({"IdentityFile", paths.identity});
    options.push_back({"IdentitiesOnly", "yes"});
  }
  options.push_back({"UserKnownHostsFile", paths.known_hosts});
  // No other file can add a key, nor the server itself.
  options.push_back({"GlobalKnownHostsFile", "/dev/null"});
  options.push_back({"StrictHostKeyChecking", "yes"});
  options.push_back({"CheckHostIP", "no"});
  options.push_back({"UpdateHostKeys", "no"});
  if (!paths.control_path.empty()) {
    options.push_back({"ControlMaster", "auto"});
    options.push_back({"ControlPath", paths.control_path});
    options.push_back({"ControlPersist", "10m"});
  }
  return options;
}

std::string QuotedValue(const std::string& value) {
  return absl::StrContains(value, ' ') ? absl::StrCat("\"", value, "\"") : value;
}

std::string ControlPath(const std::string& folder) {
  if (Fits(folder + "/")) return folder + "/%C";
  const char* runtime = getenv("XDG_RUNTIME_DIR");  // NOLINT: before any thread of ours
  if (runtime == nullptr || !CheckPath(runtime).ok()) return "";
  const std::string prefix = absl::StrCat(runtime, "/homeport-");
  return Fits(prefix) ? prefix + "%C" : "";
}

std::string LoginName(const std::string& user, const std::string& workspace,
                      const std::vector<std::string>& own) {
  // The front door also reads `user-workspace`.
  absl::string_view rest = workspace;
  if (absl::ConsumePrefix(&rest, absl::StrCat(user, "-")) &&
      std::find(own.begin(), own.end(), rest) != own.end()) {
    return absl::StrCat(user, "/", workspace);
  }
  return workspace;
}

}  // namespace homeport
