// How a process ended, as the channel request that tells the client (RFC 4254, 6.10).
//
// Threads: any.
#ifndef HOMEPORT_AGENT_EXIT_REPORT_H_
#define HOMEPORT_AGENT_EXIT_REPORT_H_

#include <string>

namespace homeport::agent {

struct ExitReport {
  std::string type;     // "exit-status" or "exit-signal"
  std::string payload;  // what is special to the type
};

// `wait_status` is waitpid's, of a process that has ended.
ExitReport MakeExitReport(int wait_status);

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_EXIT_REPORT_H_
