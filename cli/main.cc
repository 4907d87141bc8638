// The homeport command. What it does is in run.h.
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "base/lock_order.h"
#include "base/self_contained.h"
#include "cli/grpc_coordinator.h"
#include "cli/program.h"
#include "cli/run.h"

int main(int argc, char** argv) {
  homeport::DoNotCheckLockOrder();
  homeport::UseOnlyOwnLibraries();
  // gRPC writes its own account of failures to standard error; the person gets ours.
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);  // NOLINT: before any thread
  // A reader that goes away is an error of the write, which is checked.
  signal(SIGPIPE, SIG_IGN);
  return homeport::RunCommandLine(std::vector<std::string>(argv + 1, argv + argc), std::cout,
                                  std::cerr,
                                  {homeport::MakeGrpcCoordinator, homeport::BecomeProgram});
}
