// Everything the doctor looks at in a workspace, each with why it matters and what to do.
//
// Threads: any; each call looks anew. Reads files, and connects to port 22 of this machine.
#ifndef HOMEPORT_CLI_DOCTOR_DIAGNOSIS_H_
#define HOMEPORT_CLI_DOCTOR_DIAGNOSIS_H_

#include <vector>

#include "cli/doctor/finding.h"
#include "cli/doctor/surroundings.h"

namespace homeport::doctor {

// In the order in which they are shown: agent, clock, home, keys, shell, port 22, and, where there
// is an OpenSSH, what the image's own configuration makes of it.
std::vector<Finding> Diagnose(const Surroundings& here);

}  // namespace homeport::doctor

#endif  // HOMEPORT_CLI_DOCTOR_DIAGNOSIS_H_
