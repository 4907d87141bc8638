// The file of ours that ~/.ssh/config includes: one Host entry for each workspace.
//
// Threads: any.
#ifndef HOMEPORT_CLI_OPENSSH_HOST_ENTRIES_H_
#define HOMEPORT_CLI_OPENSSH_HOST_ENTRIES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/address.h"
#include "cli/openssh/connection.h"

namespace homeport {

struct HostEntries {
  std::string user;                      // a DNS label
  std::vector<std::string> workspaces;   // DNS labels
  std::string suffix;                    // see CheckSuffix
  std::vector<std::string> first_lines;  // of every entry; see CheckOptionLine
  HostPort front_door;
  SshPaths paths;
};

// DNS labels with dots between them. INVALID_ARGUMENT for others.
absl::Status CheckSuffix(absl::string_view suffix);

// "Keyword value" or "Keyword=value", on one line, and not one that begins another entry or reads
// another file (Host, Match, Include). INVALID_ARGUMENT for others.
absl::Status CheckOptionLine(absl::string_view line);

// Sorted by name.
std::string FormatHostEntries(const HostEntries& entries);

}  // namespace homeport

#endif  // HOMEPORT_CLI_OPENSSH_HOST_ENTRIES_H_
