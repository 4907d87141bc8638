// Lines of OpenSSH's known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT").
//
// Threads: any.
#ifndef HOMEPORT_CLI_KNOWN_HOSTS_H_
#define HOMEPORT_CLI_KNOWN_HOSTS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace homeport {

// Whether `key` is one public key in the form "algorithm base64", with nothing around it: it may go
// into a file that ssh trusts line by line. INTERNAL if not, because the coordinator sent it.
absl::Status CheckPublicKey(absl::string_view key);

// The line for a host: "[host]:port algorithm base64", without the port if it is 22.
// INVALID_ARGUMENT if `host` has characters that mean something else in known_hosts, or the port is
// none.
absl::StatusOr<std::string> KnownHostsLine(const std::string& host, int port,
                                           const std::string& key);

}  // namespace homeport

#endif  // HOMEPORT_CLI_KNOWN_HOSTS_H_
