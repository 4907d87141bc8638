// The account that sessions get: its home, its keys, its shell.
//
// Threads: any.
#ifndef HOMEPORT_CLI_DOCTOR_ACCOUNT_CHECKS_H_
#define HOMEPORT_CLI_DOCTOR_ACCOUNT_CHECKS_H_

#include <optional>

#include "cli/doctor/finding.h"
#include "cli/doctor/surroundings.h"

namespace homeport::doctor {

// The home and the shell are the account's, unless the agent was told others.
Finding CheckHome(const Surroundings& here, const std::optional<AgentRun>& agent);
// ~/.ssh/authorized_keys and ~/.ssh/environment, as sshd's StrictModes looks at them.
Finding CheckKeys(const Surroundings& here, const std::optional<AgentRun>& agent);
Finding CheckShell(const Surroundings& here, const std::optional<AgentRun>& agent);

}  // namespace homeport::doctor

#endif  // HOMEPORT_CLI_DOCTOR_ACCOUNT_CHECKS_H_
