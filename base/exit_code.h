// What the exit status of a service says (the sysexits.h values, so that a supervisor can tell the
// cases apart).
#ifndef HOMEPORT_BASE_EXIT_CODE_H_
#define HOMEPORT_BASE_EXIT_CODE_H_

namespace homeport {

enum ExitCode : int {
  kExitOk = 0,             // drained and stopped on request
  kExitFailure = 1,        // an error that none of the others names
  kExitUsage = 64,         // EX_USAGE: a flag is missing or wrong
  kExitBadState = 65,      // EX_DATAERR: a state, key or credential file is damaged
  kExitUnavailable = 69,   // EX_UNAVAILABLE: an address cannot be listened on
  kExitNoPermission = 77,  // EX_NOPERM: the peer refused our credential for good
};

}  // namespace homeport

#endif  // HOMEPORT_BASE_EXIT_CODE_H_
