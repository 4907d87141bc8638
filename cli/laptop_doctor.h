// What `homeport doctor` looks at on a person's own machine: everything between their keyboard and
// the front door.
//
// Threads: one. Asks the coordinator, runs ssh-keyscan, reads files.
#ifndef HOMEPORT_CLI_LAPTOP_DOCTOR_H_
#define HOMEPORT_CLI_LAPTOP_DOCTOR_H_

#include <vector>

#include "cli/doctor/finding.h"
#include "cli/invocation.h"

namespace homeport {

// In the order in which they are shown; what depends on something that is missing is left out.
std::vector<doctor::Finding> ExamineLaptop(Invocation& invocation);

}  // namespace homeport

#endif  // HOMEPORT_CLI_LAPTOP_DOCTOR_H_
