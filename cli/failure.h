// What a failure becomes for the person and for a script: one plain sentence, and an exit status.
//
// Threads: any.
#ifndef HOMEPORT_CLI_FAILURE_H_
#define HOMEPORT_CLI_FAILURE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace homeport {

// Exit status of a command that ended with `status`:
//   0   OK
//   2   NOT_FOUND: what was asked for is not there
//   64  INVALID_ARGUMENT: the command line is wrong (sysexits.h)
//   69  UNAVAILABLE, DEADLINE_EXCEEDED: the coordinator cannot be reached
//   77  UNAUTHENTICATED, PERMISSION_DENIED
//   1   everything else
int ExitStatus(const absl::Status& status);

// Where a call went, for its sentence.
struct CallTarget {
  std::string coordinator;  // host:port
  std::string ca_file;
  absl::Duration timeout;
  std::string token_refused;  // the sentence for a token that is not accepted
};

// The status of a failed call with a message for the person in place of the transport's. What the
// coordinator itself had to say stays.
absl::Status ExplainCallFailure(const absl::Status& status, const CallTarget& target);

// A failure on this machine: never one of the codes that speak of the coordinator's resources.
absl::Status LocalFailure(const absl::Status& status);

}  // namespace homeport

#endif  // HOMEPORT_CLI_FAILURE_H_
