#include "cli/terminal_text.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace homeport {
namespace {

struct CodePoint {
  uint32_t value = 0;
  size_t size = 0;  // in bytes; 0: no valid UTF-8 here
};

// The code point at the start of `text`, which is not empty (RFC 3629, 4: no overlong forms, no
// surrogates).
CodePoint FirstCodePoint(absl::string_view text) {
  const auto lead = static_cast<uint8_t>(text[0]);
  if (lead < 0x80) return {lead, 1};
  const size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {};
  uint32_t value = lead & (0xFF >> (size + 1));
  for (size_t i = 1; i < size; ++i) {
    const auto next = static_cast<uint8_t>(text[i]);
    if ((next & 0xC0) != 0x80) return {};
    value = value << 6 | (next & 0x3F);
  }
  static constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kLeast[size] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return {};
  return {value, size};
}

bool IsUnsafe(uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x061C || c == 0x200E || c == 0x200F ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

}  // namespace

std::string TerminalSafe(absl::string_view text) {
  std::string safe;
  while (!text.empty()) {
    const CodePoint first = FirstCodePoint(text);
    if (first.size == 0) {
      absl::StrAppendFormat(&safe, "\\x%02x", static_cast<uint8_t>(text[0]));
    } else if (IsUnsafe(first.value)) {
      absl::StrAppendFormat(&safe, "\\u{%x}", first.value);
    } else {
      absl::StrAppend(&safe, text.substr(0, first.size));
    }
    text.remove_prefix(first.size == 0 ? 1 : first.size);
  }
  return safe;
}

size_t CountCharacters(absl::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }));
}

}  // namespace homeport
