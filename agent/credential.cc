#include "agent/credential.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/file.h"

namespace homeport::agent {

absl::StatusOr<std::string> ReadCredential(const std::string& path) {
  absl::StatusOr<std::string> credential = ReadSecretFile(path);
  if (!credential.ok()) return credential;
  const bool one_word = std::all_of(credential->begin(), credential->end(),
                                    [](char c) { return c > ' ' && c < '\x7f'; });
  if (!one_word) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " holds no credential: expected is one word, as it was shown"));
  }
  return credential;
}

}  // namespace homeport::agent
