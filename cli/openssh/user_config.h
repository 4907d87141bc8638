// The person's own ~/.ssh/config, as text: one marked block of ours, and everything else byte for
// byte as it is.
//
// The block is
//   # BEGIN homeport: made by homeport config-ssh, which replaces what is between these lines
//   Include homeport/config
//   # END homeport
// and stands before the first Host or Match, because behind one an Include is a part of it
// (ssh_config(5), Include).
//
// Threads: any.
#ifndef HOMEPORT_CLI_OPENSSH_USER_CONFIG_H_
#define HOMEPORT_CLI_OPENSSH_USER_CONFIG_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace homeport {

// How an Include names the file `path`, HOME/.ssh/homeport/config: by a relative path if HOME is
// the account's own, which is where ssh looks, whatever HOME says.
std::string IncludedAs(const std::string& path, absl::string_view account_home);

// `config` with the block, which includes `file`; the same text if it is there and in place.
// FAILED_PRECONDITION, with the line, for a block that was cut or changed by hand: then nothing is
// to be written.
absl::StatusOr<std::string> WithHomeportBlock(absl::string_view config,
                                              absl::string_view file = "homeport/config");

// `config` without the block. Errors as above.
absl::StatusOr<std::string> WithoutHomeportBlock(absl::string_view config);

}  // namespace homeport

#endif  // HOMEPORT_CLI_OPENSSH_USER_CONFIG_H_
