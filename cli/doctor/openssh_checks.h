// The image's own SSH server: what answers on port 22, and whether its configuration lets through
// what people were promised.
//
// Threads: any.
#ifndef HOMEPORT_CLI_DOCTOR_OPENSSH_CHECKS_H_
#define HOMEPORT_CLI_DOCTOR_OPENSSH_CHECKS_H_

#include <optional>
#include <vector>

#include "cli/doctor/finding.h"
#include "cli/doctor/surroundings.h"

namespace homeport::doctor {

// Port 22 first; the rest only where there is an OpenSSH.
std::vector<Finding> CheckOpenSsh(const Surroundings& here, const std::optional<AgentRun>& agent);

}  // namespace homeport::doctor

#endif  // HOMEPORT_CLI_DOCTOR_OPENSSH_CHECKS_H_
