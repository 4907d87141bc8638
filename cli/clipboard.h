// Text for the clipboard of the person's desktop.
//
// Threads: one at a time.
#ifndef HOMEPORT_CLI_CLIPBOARD_H_
#define HOMEPORT_CLI_CLIPBOARD_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace homeport {

// By wl-copy, xclip or pbcopy if the desktop has one of them, else by asking the terminal (OSC 52),
// which also works through ssh. FAILED_PRECONDITION if there is neither.
absl::Status CopyToClipboard(absl::string_view text);

}  // namespace homeport

#endif  // HOMEPORT_CLI_CLIPBOARD_H_
