#include "coordinator/login_name.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/dns_label.h"
#include "base/logging.h"

namespace homeport {
namespace {

constexpr size_t kLongestLogin = 130;  // two labels of 63 and what stands between them
constexpr size_t kShownBytes = 64;

}  // namespace

absl::StatusOr<std::vector<LoginReading>> ReadLoginName(absl::string_view login,
                                                        absl::string_view user) {
  const absl::Status malformed = absl::InvalidArgumentError(absl::StrCat(
      "\"", Printable(login, kShownBytes),
      "\" names no workspace. Sign in with the name of a workspace, or as ", user, "/WORKSPACE."));
  if (login.empty() || login.size() > kLongestLogin) return malformed;
  std::vector<LoginReading> readings;
  const std::vector<absl::string_view> parts = absl::StrSplit(login, '/');
  if (parts.size() == 2) {
    if (!IsDnsLabel(parts[0]) || !IsDnsLabel(parts[1])) return malformed;
    readings.push_back({std::string(parts[0]), std::string(parts[1])});
    return readings;
  }
  if (parts.size() != 1) return malformed;
  if (IsDnsLabel(login)) readings.push_back({std::string(user), std::string(login)});
  // Only the person's own name can stand before the hyphen: others' workspaces are closed to them.
  absl::string_view rest = login;
  if (absl::ConsumePrefix(&rest, absl::StrCat(user, "-")) && IsDnsLabel(rest)) {
    readings.push_back({std::string(user), std::string(rest)});
  }
  if (readings.empty()) return malformed;
  return readings;
}

}  // namespace homeport
