#include "cli/secret_source.h"

#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/file.h"
#include "cli/failure.h"
#include "cli/terminal_prompt.h"

namespace homeport {
namespace {

absl::StatusOr<std::string> FromStandardInput() {
  std::string line;
  std::getline(std::cin, line);
  line = std::string(absl::StripSuffix(line, "\r"));
  if (line.empty()) return absl::InvalidArgumentError("standard input holds nothing");
  return line;
}

absl::StatusOr<std::string> Asked(absl::string_view question, absl::string_view option) {
  absl::StatusOr<std::string> secret = AskSecret(question);
  if (absl::IsFailedPrecondition(secret.status())) {
    return absl::FailedPreconditionError(
        absl::StrCat(secret.status().message(), "; name a file with ", option));
  }
  if (secret.ok() && secret->empty()) return absl::InvalidArgumentError("nothing was typed");
  return secret;
}

}  // namespace

absl::StatusOr<std::string> ReadSecret(const std::string& path, absl::string_view question,
                                       absl::string_view option) {
  if (path.empty()) return Asked(question, option);
  if (path == "-") return FromStandardInput();
  absl::StatusOr<std::string> secret = ReadSecretFile(path);
  if (!secret.ok()) return LocalFailure(secret.status());
  return secret;
}

absl::StatusOr<std::string> ReadNewPassword(const std::string& path, absl::string_view option) {
  absl::StatusOr<std::string> password =
      ReadSecret(path, "New password (at least 12 characters):", option);
  if (!password.ok() || !path.empty()) return password;
  const absl::StatusOr<std::string> again = Asked("The same again:", option);
  if (!again.ok()) return again.status();
  if (*again != *password) return absl::InvalidArgumentError("the two passwords differ");
  return password;
}

}  // namespace homeport
