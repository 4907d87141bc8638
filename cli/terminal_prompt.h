// Questions to the person at the terminal, whatever standard input and output are.
//
// Threads: one at a time; the signal handlers of the process are changed while a secret is typed.
#ifndef HOMEPORT_CLI_TERMINAL_PROMPT_H_
#define HOMEPORT_CLI_TERMINAL_PROMPT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace homeport {

// Asks on /dev/tty, for a line that may be seen. FAILED_PRECONDITION without a terminal or when the
// person ends the input.
absl::StatusOr<std::string> AskLine(absl::string_view question);

// The same for a secret: what is typed is not shown. A signal that ends or stops the program
// (Ctrl-C) gives the terminal its echo back first.
absl::StatusOr<std::string> AskSecret(absl::string_view question);

// Whether the answer is "yes" or "y". FAILED_PRECONDITION without a terminal.
absl::StatusOr<bool> AskYesNo(absl::string_view question);

}  // namespace homeport

#endif  // HOMEPORT_CLI_TERMINAL_PROMPT_H_
