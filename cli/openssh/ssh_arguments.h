// The command line of ssh(1), as far as one must know it to find the destination.
//
// Threads: any.
#ifndef HOMEPORT_CLI_OPENSSH_SSH_ARGUMENTS_H_
#define HOMEPORT_CLI_OPENSSH_SSH_ARGUMENTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace homeport {

struct SshArguments {
  std::vector<std::string> options;  // before the destination, as they came
  std::string destination;
  std::vector<std::string> rest;  // behind it: more options, `--`, the command
};

// INVALID_ARGUMENT if there is no destination, or an option without its value.
absl::StatusOr<SshArguments> ParseSshArguments(const std::vector<std::string>& words);

}  // namespace homeport

#endif  // HOMEPORT_CLI_OPENSSH_SSH_ARGUMENTS_H_
