#include "base/credential_file.h"

#include <sys/stat.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"

namespace homeport {
namespace {

bool OnlyRootCanChange(const std::string& path) {
  struct stat info = {};
  return stat(path.c_str(), &info) == 0 && info.st_uid == 0 && (info.st_mode & 0133) == 0;
}

bool IsToken(const std::string& text) {
  return absl::StartsWith(text, "eyJ") && std::count(text.begin(), text.end(), '.') == 2;
}

}  // namespace

absl::StatusOr<std::string> ReadCredentialFile(const std::string& path) {
  absl::StatusOr<std::string> credential = ReadSecretFile(path);
  if (absl::IsPermissionDenied(credential.status()) && OnlyRootCanChange(path)) {
    absl::StatusOr<std::string> open = ReadFile(path);
    if (open.ok()) absl::StripAsciiWhitespace(&*open);
    if (open.ok() && IsToken(*open)) credential = std::move(open);
  }
  if (!credential.ok()) return credential;
  const bool one_word = std::all_of(credential->begin(), credential->end(),
                                    [](char c) { return c > ' ' && c < '\x7f'; });
  if (!one_word) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " holds no credential: expected is one word, as it was shown"));
  }
  return credential;
}

}  // namespace homeport
