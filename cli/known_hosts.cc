#include "cli/known_hosts.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/logging.h"

namespace homeport {
namespace {

bool AllOf(absl::string_view text, absl::string_view more) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [more](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || more.find(c) != more.npos;
  });
}

}  // namespace

absl::Status CheckPublicKey(absl::string_view key) {
  const std::vector<absl::string_view> parts = absl::StrSplit(key, ' ');
  if (parts.size() == 2 && AllOf(parts[0], "-.@") && AllOf(parts[1], "+/=")) {
    return absl::OkStatus();
  }
  return absl::InternalError(absl::StrCat("the coordinator sent \"", Printable(key, 80),
                                          "\" where a public key should be"));
}

absl::StatusOr<std::string> KnownHostsLine(const std::string& host, int port,
                                           const std::string& key) {
  if (!AllOf(host, "-._:%") || host.front() == '-') {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", Printable(host), "\" is no host name or address"));
  }
  if (port < 1 || port > 65535) {
    return absl::InvalidArgumentError(absl::StrCat("port ", port, " is not from 1 to 65535"));
  }
  if (absl::Status status = CheckPublicKey(key); !status.ok()) return status;
  // ssh looks names up in lower case.
  const std::string name = absl::AsciiStrToLower(host);
  return port == 22 ? absl::StrCat(name, " ", key) : absl::StrCat("[", name, "]:", port, " ", key);
}

}  // namespace homeport
