#include "agent/copy_bundle.h"

#include <sys/stat.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/exit_code.h"
#include "base/file.h"

namespace homeport::agent {
namespace {

constexpr size_t kMostBytes = size_t{256} << 20;

struct BundleFile {
  const char* name;
  mode_t mode;
};

// As //bundle packs it. VERSION comes last: where it is, the rest is.
constexpr BundleFile kFiles[] = {
    {"homeport-agent", 0755},
    {"coder-cli/homeport", 0755},
    {"VERSION", 0644},
};

// The folder of the program that runs.
absl::StatusOr<std::string> OwnFolder() {
  char path[PATH_MAX];
  if (realpath("/proc/self/exe", path) == nullptr) {
    return ErrnoStatus(errno, "cannot tell where this program is");
  }
  const std::string program = path;
  return program.substr(0, program.rfind('/'));
}

}  // namespace

absl::Status CopyBundle(const std::string& from, const std::string& to) {
  const std::string folder = absl::StrCat(to, "/coder-cli");
  if (mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) {
    return ErrnoStatus(errno, absl::StrCat("cannot make the folder ", folder));
  }
  for (const BundleFile& file : kFiles) {
    const absl::StatusOr<std::string> content =
        ReadFile(absl::StrCat(from, "/", file.name), kMostBytes);
    if (!content.ok()) return content.status();
    const absl::Status written =
        WriteFileAtomically(absl::StrCat(to, "/", file.name), *content, file.mode);
    if (!written.ok()) return written;
  }
  return absl::OkStatus();
}

int RunCopyBundle(int argc, char** argv) {
  if (argc != 2) {
    fprintf(stderr, "Usage: homeport-agent %s FOLDER\n", kCopyBundle);
    return kExitUsage;
  }
  const absl::StatusOr<std::string> from = OwnFolder();
  const absl::Status copied = from.ok() ? CopyBundle(*from, argv[1]) : from.status();
  if (copied.ok()) return kExitOk;
  fprintf(stderr, "homeport-agent: %s\n", std::string(copied.message()).c_str());
  return kExitFailure;
}

}  // namespace homeport::agent
