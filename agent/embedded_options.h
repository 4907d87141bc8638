// What can be set about the embedded SSH server.
#ifndef HOMEPORT_AGENT_EMBEDDED_OPTIONS_H_
#define HOMEPORT_AGENT_EMBEDDED_OPTIONS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace homeport::agent {

struct EmbeddedOptions {
  // Per connection, at a time. Those of both sides together.
  size_t max_channels = 1000;
  // Per connection and side: channels whose opening awaits its answer.
  size_t max_pending_opens = 64;
  // Per connection: what a client may have the workspace listen on.
  size_t max_forwards = 100;
  // How long each address of a direct-tcpip's host may take to answer.
  absl::Duration connect_limit = absl::Seconds(30);
  // The program that notes the secret of a forwarded display; without it the agent does.
  std::string xauth = "/usr/bin/xauth";
  // What a login shell on a terminal prints first, as Debian's sshd does with pam_motd.
  std::vector<std::string> motd_files = {"/run/motd.dynamic", "/etc/motd"};
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_EMBEDDED_OPTIONS_H_
