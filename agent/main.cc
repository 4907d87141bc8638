// The agent of a workspace: dials home and lets the owner in by SSH.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "absl/strings/string_view.h"
#include "agent/copy_bundle.h"
#include "agent/run_command.h"
#include "agent/sftp/sftp_process.h"
#include "agent/xauthority_process.h"
#include "base/allocator.h"
#include "base/exit_code.h"
#include "base/lock_order.h"
#include "base/self_contained.h"
#include "base/version.h"

namespace homeport::agent {
namespace {

constexpr char kUsage[] =
    "Usage: homeport-agent run [FLAG...] [-- COMMAND...]\n"
    "\n"
    "  run           Connects this workspace with Homeport and lets its owner in by SSH; beside\n"
    "                COMMAND, if there is one, as a container's first process.\n"
    "                homeport-agent run --help says more.\n"
    "  sftp-server   What a session's subsystem \"sftp\" starts: SFTP on standard input and "
    "output.\n"
    "  copy-bundle FOLDER  Copies the asset bundle that this program belongs to, for init\n"
    "                containers.\n"
    "  add-xauthority  What a session with X11 starts where there is no xauth.\n"
    "  --version     Says which version this is.\n";

// A supervisor may start us without standard input, output or error; a pipe of ours must not take
// their numbers.
void OccupyStandardDescriptors() {
  int fd = 0;
  do {
    fd = open("/dev/null", O_RDWR);
  } while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd > STDERR_FILENO) close(fd);
}

int Main(int argc, char** argv) {
  const absl::string_view command = argc > 1 ? argv[1] : "";
  if (command == sftp::kSubcommand) return sftp::RunSftpProcess(argc - 1, argv + 1);
  if (command == kCopyBundle) return RunCopyBundle(argc - 1, argv + 1);
  if (command == kAddXauthority) return RunAddXauthority();
  if (command == "run") {
    KeepLittleFreeMemory();
    return RunCommand(argc - 1, argv + 1);
  }
  if (command == "--version") {
    printf("homeport-agent %s\n", kVersion);
    return kExitOk;
  }
  if (command == "--help" || command == "-h") {
    fputs(kUsage, stdout);
    return kExitOk;
  }
  if (command.empty()) {
    fputs(kUsage, stderr);
  } else {
    fprintf(stderr,
            "homeport-agent: there is no command \"%s\"; homeport-agent --help lists them\n",
            argv[1]);
  }
  return kExitUsage;
}

}  // namespace
}  // namespace homeport::agent

int main(int argc, char** argv) {
  homeport::agent::OccupyStandardDescriptors();
  homeport::UseOnlyOwnLibraries();
  homeport::DoNotCheckLockOrder();
  return homeport::agent::Main(argc, argv);
}
