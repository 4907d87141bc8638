// The commands by what they are about. Each function adds its commands to the program; `app` and
// `invocation` outlive the run.
#ifndef HOMEPORT_CLI_COMMANDS_H_
#define HOMEPORT_CLI_COMMANDS_H_

#include "CLI/CLI.hpp"
#include "cli/invocation.h"

namespace homeport {

inline constexpr char kWorkspaceHelp[] =
    "WORKSPACE, OWNER/WORKSPACE or users/OWNER/workspaces/WORKSPACE";
inline constexpr char kWorkspaceOwnerHelp[] = "The owner; you, if neither this nor WORKSPACE says";

// login and logout.
void AddLoginCommands(CLI::App& app, Invocation& invocation);
// tokens create | list | revoke, and passwd.
void AddTokenCommands(CLI::App& app, Invocation& invocation);
// whoami, and users create | get | list | update | delete | code.
void AddUserCommands(CLI::App& app, Invocation& invocation);
// keys show | list | copy | download, and front-door; with the next.
void AddKeyCommands(CLI::App& app, Invocation& invocation);
// keys add | remove | regenerate.
void AddKeyChanges(CLI::App& keys, Invocation& invocation);
// providers create | get | list | update | delete.
void AddProviderCommands(CLI::App& app, Invocation& invocation);
// workspaces create | get (or show) | list | update | delete; with the next.
void AddWorkspaceCommands(CLI::App& app, Invocation& invocation);
// workspaces rotate-credential | revoke-credential.
void AddCredentialCommands(CLI::App& workspaces, Invocation& invocation);
// sessions list | watch | end.
void AddSessionCommands(CLI::App& app, Invocation& invocation);
// audit list | export | verify.
void AddAuditCommands(CLI::App& app, Invocation& invocation);
// settings show | update.
void AddSettingsCommands(CLI::App& app, Invocation& invocation);
// config-ssh.
void AddConfigSshCommand(CLI::App& app, Invocation& invocation);
// ssh and sync. What stands after `ssh`, and after `--` of sync, is in the raw arguments.
void AddSshCommands(CLI::App& app, Invocation& invocation);
// doctor: of this workspace, without a coordinator, or of this laptop.
void AddDoctorCommand(CLI::App& app, Invocation& invocation);
// completion, and what its scripts ask. After all others: it walks them.
void AddCompletionCommands(CLI::App& app, Invocation& invocation);

}  // namespace homeport

#endif  // HOMEPORT_CLI_COMMANDS_H_
