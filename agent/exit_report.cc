#include "agent/exit_report.h"

#include <string.h>  // NOLINT: sigdescr_np is not in <cstring>
#include <sys/wait.h>

#include "agent/signal_name.h"
#include "base/ssh_wire.h"

namespace homeport::agent {

ExitReport MakeExitReport(int wait_status) {
  if (WIFSIGNALED(wait_status)) {
    const int number = WTERMSIG(wait_status);
    const char* text = sigdescr_np(number);
    return {"exit-signal", WireWriter()
                               .String(SignalName(number))
                               .Bool(WCOREDUMP(wait_status))
                               .String(text == nullptr ? "" : text)
                               .String("")
                               .bytes()};
  }
  return {"exit-status",
          WireWriter().Uint32(static_cast<uint32_t>(WEXITSTATUS(wait_status))).bytes()};
}

}  // namespace homeport::agent
