// Whether what an agent says about itself can be believed to be an agent's at all.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_AGENT_HELLO_H_
#define HOMEPORT_COORDINATOR_AGENT_HELLO_H_

#include "absl/status/status.h"
#include "proto/homeport/v1/agent.pb.h"

namespace homeport {

// INVALID_ARGUMENT names the field and its rule.
absl::Status CheckAgentHello(const v1::AgentHello& hello);
absl::Status CheckAgentStatus(const v1::AgentStatus& status);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_AGENT_HELLO_H_
