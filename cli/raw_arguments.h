// The words of the command line that are another program's.
//
// Threads: any.
#ifndef HOMEPORT_CLI_RAW_ARGUMENTS_H_
#define HOMEPORT_CLI_RAW_ARGUMENTS_H_

#include <string>
#include <vector>

namespace homeport {

// Cuts off, and returns, what stands behind the command `ssh` and long options of homeport's, or
// behind `--` of the command `sync`: the parser must not see it.
std::vector<std::string> TakeRawArguments(std::vector<std::string>& arguments);

}  // namespace homeport

#endif  // HOMEPORT_CLI_RAW_ARGUMENTS_H_
