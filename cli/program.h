// Other programs in the place of this one.
//
// Threads: one.
#ifndef HOMEPORT_CLI_PROGRAM_H_
#define HOMEPORT_CLI_PROGRAM_H_

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace homeport {

// Becomes the program argv[0], found by PATH: standard input and output, terminal and exit status
// are its own from then on. Returns only on failure: NOT_FOUND if there is no such program.
absl::Status BecomeProgram(const std::vector<std::string>& argv);

}  // namespace homeport

#endif  // HOMEPORT_CLI_PROGRAM_H_
