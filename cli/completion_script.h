// Completion scripts for shells.
//
// Threads: any.
#ifndef HOMEPORT_CLI_COMPLETION_SCRIPT_H_
#define HOMEPORT_CLI_COMPLETION_SCRIPT_H_

#include <string>
#include <vector>

#include "cli/completion_tree.h"

namespace homeport {

// Names of workspaces come from `homeport __complete workspaces` at the time.
std::string BashCompletion(const std::vector<CompletionCommand>& commands);
std::string ZshCompletion(const std::vector<CompletionCommand>& commands);
std::string FishCompletion(const std::vector<CompletionCommand>& commands);

}  // namespace homeport

#endif  // HOMEPORT_CLI_COMPLETION_SCRIPT_H_
