// Recognises commands that are the far end of a file transfer.
//
// Caught are those that clients send by themselves: `scp -t` and `scp -f` (scp -O), `rsync
// --server`, `sftp-server`; with a path before the name, assignments and the usual wrappers
// (`sudo`, `env`, `nohup`, …) in front, and after `;`, `&`, `|` or a parenthesis in a row of
// commands.
//
// Not caught, because whoever may run a shell may do it in a hundred ways: `cat > file`, tar in a
// pipe, git, base64 in a terminal, a script or another name for the program. Switching file
// transfer off takes away the tools for it; it is no barrier for data.
//
// Threads: any.
#ifndef HOMEPORT_SSHPROXY_TRANSFER_COMMAND_H_
#define HOMEPORT_SSHPROXY_TRANSFER_COMMAND_H_

#include "absl/strings/string_view.h"

namespace homeport {

// `command` as it stands in an exec request (RFC 4254, 6.5). Bytes after a NUL do not count:
// servers take it for a C string.
bool IsTransferCommand(absl::string_view command);

}  // namespace homeport

#endif  // HOMEPORT_SSHPROXY_TRANSFER_COMMAND_H_
