// `homeport-agent run [FLAG…] [-- COMMAND…]`: the agent, alone or as a container's first process
// beside a command.
#ifndef HOMEPORT_AGENT_RUN_COMMAND_H_
#define HOMEPORT_AGENT_RUN_COMMAND_H_

namespace homeport::agent {

// `argv[0]` is "run". Returns the exit status (base/exit_code.h); with a command, the command's.
int RunCommand(int argc, char** argv);

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_RUN_COMMAND_H_
