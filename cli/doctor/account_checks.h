// The account that sessions get: its home, its keys, its shell.
//
// Threads: any.
#ifndef HOMEPORT_CLI_DOCTOR_ACCOUNT_CHECKS_H_
#define HOMEPORT_CLI_DOCTOR_ACCOUNT_CHECKS_H_

#include "cli/doctor/finding.h"
#include "cli/doctor/surroundings.h"

namespace homeport::doctor {

Finding CheckHome(const Surroundings& here);
// ~/.ssh/authorized_keys and ~/.ssh/environment, as sshd's StrictModes looks at them.
Finding CheckKeys(const Surroundings& here);
Finding CheckShell(const Surroundings& here);

}  // namespace homeport::doctor

#endif  // HOMEPORT_CLI_DOCTOR_ACCOUNT_CHECKS_H_
