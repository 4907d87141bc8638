// How OpenSSH's client gets to a workspace: through the front door, whose keys are pinned. For
// files that ssh reads and for its command line.
//
// What the coordinator says is data of somebody else's: nothing of it becomes an option, a line or
// a command but in the places checked here. Threads: any.
#ifndef HOMEPORT_CLI_OPENSSH_CONNECTION_H_
#define HOMEPORT_CLI_OPENSSH_CONNECTION_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/address.h"
#include "proto/homeport/v1/settings.pb.h"

namespace homeport {

// A keyword of ssh_config(5) with its value, which has no line break and no quote.
struct SshOption {
  std::string keyword;
  std::string value;
};

// Where ssh finds what. Absolute paths; see CheckPath.
struct SshPaths {
  std::string known_hosts;
  std::string identity;      // empty: the person's own keys
  std::string control_path;  // empty: no shared connections
};

// The front door: the address that the person names, else the one that the coordinator says.
// FAILED_PRECONDITION if nobody says one, INVALID_ARGUMENT for a person's that is none, INTERNAL
// for a coordinator's.
absl::StatusOr<HostPort> FrontDoorAddress(const v1::FrontDoor& front_door,
                                          const std::string& named);

// known_hosts with the front door's keys. FAILED_PRECONDITION if it has none, INTERNAL if one is no
// key.
absl::StatusOr<std::string> KnownHostsFile(const v1::FrontDoor& front_door,
                                           const HostPort& address);

// Whether `path` can stand in ssh's configuration, in quotes: absolute, without quotes, control
// characters, `%`, `$`, `\` and what else ssh would expand. INVALID_ARGUMENT if not.
absl::Status CheckPath(absl::string_view path);

// What a connection to the workspace with this login name needs, in the order of ssh_config(5).
std::vector<SshOption> ConnectionOptions(const HostPort& front_door, const std::string& login,
                                         const SshPaths& paths);

// The value as ssh reads it in a file and after `-o Keyword=`: in quotes if it has blanks.
std::string QuotedValue(const std::string& value);

// The ControlPath for shared connections: in `folder` if that is short enough for a Unix-domain
// socket, of whose name ssh takes 17 bytes more while it makes one, else in $XDG_RUNTIME_DIR. Empty
// if there is no short place.
std::string ControlPath(const std::string& folder);

// The login name of the user's own workspace: its name, and with the owner's where the name alone
// could mean another of `own` too.
std::string LoginName(const std::string& user, const std::string& workspace,
                      const std::vector<std::string>& own);

}  // namespace homeport

#endif  // HOMEPORT_CLI_OPENSSH_CONNECTION_H_
