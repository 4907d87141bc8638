// The clients of dev/bench scale:
//
//   scale_client prepare --coordinator HOST:PORT --ca_file FILE --set_up_code_file FILE
//       --folder FOLDER --users N --workspaces N     fills a new coordinator (new_installation.h)
//   scale_client crowd --coordinator HOST:PORT --ca_file FILE --folder FOLDER --count N
//                                                    is that many agents (agent_crowd.h)
#include <sys/resource.h>

#include <cstdio>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "base/lock_order.h"
#include "bench/agent_crowd.h"
#include "bench/new_installation.h"

namespace {

// Each agent has a socket.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
  using homeport::bench::AgentCrowd;
  using homeport::bench::NewInstallation;
  homeport::DoNotCheckLockOrder();
  RaiseDescriptorLimit();
  NewInstallation::Options installation;
  AgentCrowd::Options crowd;
  CLI::App app("The clients of dev/bench scale.");
  app.require_subcommand(1);
  CLI::App* prepare = app.add_subcommand("prepare", "Fills a new coordinator.");
  prepare->add_option("--coordinator", installation.coordinator)->required();
  prepare->add_option("--ca_file", installation.ca_file)->required();
  prepare->add_option("--set_up_code_file", installation.set_up_code_file)->required();
  prepare->add_option("--folder", installation.folder)->required();
  prepare->add_option("--users", installation.users)->required()->check(CLI::PositiveNumber);
  prepare->add_option("--workspaces", installation.workspaces)->required();
  CLI::App* be = app.add_subcommand("crowd", "Is many agents.");
  be->add_option("--coordinator", crowd.coordinator)->required();
  be->add_option("--ca_file", crowd.ca_file)->required();
  be->add_option("--folder", crowd.credentials)->required();
  be->add_option("--count", crowd.count)->required()->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  crowd.credentials += "/credentials";
  const absl::Status status =
      be->parsed() ? AgentCrowd(crowd).Run() : NewInstallation(installation).Run();
  if (status.ok()) return 0;
  std::fprintf(stderr, "scale_client: %s\n", std::string(status.message()).c_str());
  return 1;
}
