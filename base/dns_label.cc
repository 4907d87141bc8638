#include "base/dns_label.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace homeport {

bool IsDnsLabel(absl::string_view name) {
  const auto letter_or_digit = [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) ||
           absl::ascii_isdigit(static_cast<unsigned char>(c));
  };
  return !name.empty() && name.size() <= 63 && letter_or_digit(name.front()) &&
         letter_or_digit(name.back()) && std::all_of(name.begin(), name.end(), [&](char c) {
           return c == '-' || letter_or_digit(c);
         });
}

}  // namespace homeport
