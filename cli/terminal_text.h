// Text from elsewhere, made safe to show on a terminal.
//
// Threads: any.
#ifndef HOMEPORT_CLI_TERMINAL_TEXT_H_
#define HOMEPORT_CLI_TERMINAL_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace homeport {

// `text` with everything that moves the cursor, colours, rings or reorders escaped: control
// characters (C0, DEL, C1), line separators and the marks that change the direction of writing as
// \u{…}, bytes that are no UTF-8 as \x…. Other characters stay as they are.
std::string TerminalSafe(absl::string_view text);

// How many characters (code points) valid UTF-8 has.
size_t CountCharacters(absl::string_view text);

}  // namespace homeport

#endif  // HOMEPORT_CLI_TERMINAL_TEXT_H_
