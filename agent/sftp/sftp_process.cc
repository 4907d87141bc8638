#include "agent/sftp/sftp_process.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "agent/sftp/byte_buffer.h"
#include "agent/sftp/descriptor_pump.h"
#include "agent/sftp/posix_file_system.h"
#include "agent/sftp/sftp_server.h"
#include "agent/sftp/system_accounts.h"
#include "base/exit_code.h"

namespace homeport::agent::sftp {
namespace {

// Room for a large packet while the one before it is served.
constexpr size_t kBufferBytes = 2 * SftpServer::kLeastBufferBytes;
// More bytes each time the kernel is asked; what an unprivileged process may have.
constexpr int kPipeBytes = 1 << 20;
// Standard input, output and error, and what the C library opens in passing.
constexpr rlim_t kReservedDescriptors = 5;

int Complain(absl::string_view message, int exit_code) {
  fprintf(stderr, "sftp-server: %s\n", std::string(message).c_str());
  return exit_code;
}

struct CommandLine {
  bool read_only = false;
  std::string start_folder;
};

// Sets the umask by the way. False for a mistake, which has been named.
bool Parse(int argc, char** argv, CommandLine& line) {
  int option = 0;
  while ((option = getopt(argc, argv, "ehRd:f:l:u:")) != -1) {
    switch (option) {
      case 'R':
        line.read_only = true;
        break;
      case 'd':
        line.start_folder = optarg;
        break;
      case 'u': {
        char* end = nullptr;
        const unsigned long mask = strtoul(optarg, &end, 8);
        if (*optarg == '\0' || *end != '\0' || mask > 0777) {
          Complain(absl::StrCat("-u ", optarg, " is no umask; give an octal number up to 777"), 0);
          return false;
        }
        umask(static_cast<mode_t>(mask));
        break;
      }
      case 'e':
      case 'h':
      case 'f':
      case 'l':
        break;
      default:
        return false;  // getopt has named it
    }
  }
  if (optind == argc) return true;
  Complain(absl::StrCat(argv[optind], " is no option; see sftp-server(8)"), 0);
  return false;
}

std::string ExpandPercents(const std::string& folder, Accounts& accounts) {
  std::string expanded;
  for (size_t i = 0; i < folder.size(); ++i) {
    const char next = folder[i] == '%' && i + 1 < folder.size() ? folder[++i] : '\0';
    if (next == 'd') {
      expanded += accounts.HomeOf("").value_or("%d");
    } else if (next == 'u') {
      expanded += accounts.UserName(geteuid());
    } else if (next == '%' || next == '\0') {
      expanded += folder[i];
    } else {
      absl::StrAppend(&expanded, "%", std::string(1, next));
    }
  }
  return expanded;
}

size_t MostHandles() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur <= kReservedDescriptors) return 0;
  return limit.rlim_cur - kReservedDescriptors;
}

// Makes a descriptor non-blocking for as long as the object lives: whoever started us may go on
// with it afterwards.
class NonBlocking {
 public:
  explicit NonBlocking(int fd) : fd_(fd), flags_(fcntl(fd, F_GETFL)) {
    fcntl(fd_, F_SETFL, flags_ | O_NONBLOCK);
    fcntl(fd_, F_SETPIPE_SZ, kPipeBytes);  // if it is a pipe, and there may be more
  }
  ~NonBlocking() { fcntl(fd_, F_SETFL, flags_); }
  NonBlocking(const NonBlocking&) = delete;
  NonBlocking& operator=(const NonBlocking&) = delete;

 private:
  const int fd_;
  const int flags_;
};

}  // namespace

int RunSftpProcess(int argc, char** argv) {
  CommandLine line;
  if (!Parse(argc, argv, line)) return kExitUsage;
  signal(SIGPIPE, SIG_IGN);
  PosixFileSystem files;
  SystemAccounts accounts;
  if (!line.start_folder.empty()) {
    const std::string folder = ExpandPercents(line.start_folder, accounts);
    // As sftp-server(8): somewhere else is better than nowhere.
    if (chdir(folder.c_str()) != 0) Complain(absl::StrCat("cannot enter ", folder), 0);
  }
  ByteBuffer input(kBufferBytes);
  ByteBuffer output(kBufferBytes);
  SftpServer server(files, accounts, {line.read_only, MostHandles()}, output);
  const NonBlocking in(STDIN_FILENO);
  const NonBlocking out(STDOUT_FILENO);
  const absl::Status status =
      DescriptorPump(STDIN_FILENO, STDOUT_FILENO, server, input, output).Run();
  return status.ok() ? kExitOk : Complain(status.message(), kExitFailure);
}

}  // namespace homeport::agent::sftp
