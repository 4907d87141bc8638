// Is the agent there, is it connected, and is the clock right?
//
// Threads: any.
#ifndef HOMEPORT_CLI_DOCTOR_AGENT_CHECKS_H_
#define HOMEPORT_CLI_DOCTOR_AGENT_CHECKS_H_

#include <optional>

#include "cli/doctor/finding.h"
#include "cli/doctor/surroundings.h"

namespace homeport::doctor {

Finding CheckAgent(const Surroundings& here, const std::optional<AgentRun>& agent);

// Against the life of the certificate that the agent pins, which TLS looks at too.
Finding CheckClock(const Surroundings& here, const std::optional<AgentRun>& agent);

}  // namespace homeport::doctor

#endif  // HOMEPORT_CLI_DOCTOR_AGENT_CHECKS_H_
