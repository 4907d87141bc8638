#include "agent/xauthority_process.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/exit_code.h"

namespace homeport::agent {
namespace {

constexpr size_t kMostInput = 256 << 10;

bool IsHexadecimal(absl::string_view text) {
  return text.size() % 2 == 0 && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isxdigit(static_cast<unsigned char>(c));
         });
}

std::string Variable(const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? "" : value;
}

// As XauFileName(3).
std::string XauthorityFile() {
  const std::string named = Variable("XAUTHORITY");
  return named.empty() ? Variable("HOME") + "/.Xauthority" : named;
}

}  // namespace

std::string XauthorityInput(int display, absl::string_view protocol, absl::string_view secret) {
  return absl::StrCat(display, "\n", protocol, "\n", secret, "\n");
}

absl::StatusOr<XauthorityEntry> ParseXauthorityInput(absl::string_view input) {
  const std::vector<absl::string_view> lines = absl::StrSplit(input, '\n');
  if (lines.size() != 4 || lines[0].empty() || lines[1].empty() || !lines[3].empty() ||
      !IsHexadecimal(lines[2])) {
    return absl::InvalidArgumentError(
        "expected are three lines: a display's number, a protocol, a secret in hexadecimal");
  }
  XauthorityEntry entry;
  char host[256] = {};
  if (gethostname(host, sizeof(host) - 1) == 0) entry.address = host;
  entry.display = std::string(lines[0]);
  entry.protocol = std::string(lines[1]);
  entry.secret = absl::HexStringToBytes(lines[2]);
  return entry;
}

int RunAddXauthority() {
  std::string input;
  char buffer[4096];
  for (ssize_t n = 0;
       input.size() < kMostInput && (n = read(STDIN_FILENO, buffer, sizeof(buffer))) > 0;) {
    input.append(buffer, static_cast<size_t>(n));
  }
  absl::Status status;
  if (absl::StatusOr<XauthorityEntry> entry = ParseXauthorityInput(input); entry.ok()) {
    status = AddToXauthorityFile(XauthorityFile(), *entry);
  } else {
    status = entry.status();
  }
  if (status.ok()) return kExitOk;
  fprintf(stderr, "X11 programs will not find their display's secret: %s\n",
          std::string(status.message()).c_str());
  return kExitFailure;
}

}  // namespace homeport::agent
