#include "coordinator/text_rules.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/logging.h"

namespace homeport {
namespace {

constexpr size_t kLongestEmail = 254;  // RFC 5321, 4.5.3.1.3

}  // namespace

absl::Status CheckLine(absl::string_view field, absl::string_view text, size_t most_bytes) {
  const bool control = std::any_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_iscntrl(static_cast<unsigned char>(c));
  });
  if (text.size() <= most_bytes && !control) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(field, " must be at most ", most_bytes, " bytes without control characters"));
}

// Enough to keep out what is no address at all; whether mail arrives is not for us to say.
absl::Status CheckEmail(absl::string_view field, absl::string_view email) {
  const size_t at = email.find('@');
  const bool one_at = at != absl::string_view::npos && at > 0 && at + 1 < email.size() &&
                      email.find('@', at + 1) == absl::string_view::npos;
  const bool visible = std::all_of(email.begin(), email.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte != 0x7f;
  });
  if (one_at && visible && email.size() <= kLongestEmail) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(field, " is \"", Printable(email),
                   "\"; it must be an address like name@example.com, without spaces, of at most ",
                   kLongestEmail, " bytes"));
}

}  // namespace homeport
