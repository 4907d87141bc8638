// The commands by what they are about. Each function adds its commands to the program; `app` and
// `invocation` outlive the run.
#ifndef HOMEPORT_CLI_COMMANDS_H_
#define HOMEPORT_CLI_COMMANDS_H_

#include "CLI/CLI.hpp"
#include "cli/invocation.h"

namespace homeport {

// whoami, and users create | get | list | delete.
void AddUserCommands(CLI::App& app, Invocation& invocation);
// providers create | get | list | update | delete.
void AddProviderCommands(CLI::App& app, Invocation& invocation);
// workspaces create | get (or show) | list | update | delete.
void AddWorkspaceCommands(CLI::App& app, Invocation& invocation);
// keys show | download, and front-door.
void AddKeyCommands(CLI::App& app, Invocation& invocation);
// audit list.
void AddAuditCommands(CLI::App& app, Invocation& invocation);
// doctor; asks no coordinator.
void AddDoctorCommand(CLI::App& app, Invocation& invocation);

}  // namespace homeport

#endif  // HOMEPORT_CLI_COMMANDS_H_
