// The whole command: parses, acts, prints, and says with which status to end.
//
// Threads: main.
#ifndef HOMEPORT_CLI_RUN_H_
#define HOMEPORT_CLI_RUN_H_

#include <ostream>
#include <string>
#include <vector>

#include "cli/invocation.h"

namespace homeport {

// `arguments` are without the program's name. Exit statuses: cli/failure.h.
int RunCommandLine(std::vector<std::string> arguments, std::ostream& out, std::ostream& err,
                   RunSurroundings surroundings);

}  // namespace homeport

#endif  // HOMEPORT_CLI_RUN_H_
