#include "cli/doctor/diagnosis.h"

#include <optional>
#include <utility>

#include "cli/doctor/account_checks.h"
#include "cli/doctor/agent_checks.h"
#include "cli/doctor/openssh_checks.h"

namespace homeport::doctor {

std::vector<Finding> Diagnose(const Surroundings& here) {
  const std::optional<AgentRun> agent = here.FindAgent();
  std::vector<Finding> findings = {CheckAgent(here, agent), CheckClock(here, agent),
                                   CheckHome(here, agent), CheckKeys(here, agent),
                                   CheckShell(here, agent)};
  for (Finding& finding : CheckOpenSsh(here, agent)) findings.push_back(std::move(finding));
  return findings;
}

}  // namespace homeport::doctor
