#include "base/network_ranges.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace homeport {
namespace {

constexpr int kBits = 128;
constexpr int kIpv4Bits = 32;
constexpr IpAddress kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr size_t kMappedBytes = 12;

// Whether the first `bits` of both are the same.
bool SamePrefix(const IpAddress& a, const IpAddress& b, int bits) {
  const auto whole = static_cast<size_t>(bits / 8);
  if (memcmp(a.data(), b.data(), whole) != 0) return false;
  const int rest = bits % 8;
  return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

}  // namespace

std::optional<IpAddress> ParseIpAddress(absl::string_view text) {
  const std::string address(text.substr(0, text.find('%')));
  IpAddress parsed = kMapped;
  if (inet_pton(AF_INET, address.c_str(), parsed.data() + kMappedBytes) == 1) return parsed;
  if (inet_pton(AF_INET6, address.c_str(), parsed.data()) == 1) return parsed;
  return std::nullopt;
}

bool IsIpv4(const IpAddress& address) {
  return SamePrefix(address, kMapped, static_cast<int>(kMappedBytes) * 8);
}

absl::StatusOr<NetworkRanges> NetworkRanges::Parse(absl::string_view list) {
  NetworkRanges parsed;
  for (absl::string_view entry : absl::StrSplit(list, ',', absl::SkipEmpty())) {
    entry = absl::StripAsciiWhitespace(entry);
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(entry, absl::MaxSplits('/', 1));
    const std::optional<IpAddress> address = ParseIpAddress(parts.first);
    // As the operator wrote it: a mapped one counts its bits as IPv6 does.
    const bool short_form = parts.first.find(':') == std::string::npos;
    const int most = short_form ? kIpv4Bits : kBits;
    int bits = most;
    const bool has_bits = entry.find('/') != absl::string_view::npos;
    if (!address.has_value() ||
        (has_bits && (!absl::SimpleAtoi(parts.second, &bits) || bits < 0 || bits > most))) {
      return absl::InvalidArgumentError(absl::StrCat(
          "\"", entry, "\" is no range of addresses; write 10.0.0.0/8 or 2001:db8::/32"));
    }
    parsed.ranges_.push_back({*address, bits + kBits - most});
  }
  return parsed;
}

bool NetworkRanges::Contains(const IpAddress& address) const {
  return std::any_of(ranges_.begin(), ranges_.end(), [&](const Range& range) {
    return SamePrefix(range.address, address, range.bits);
  });
}

}  // namespace homeport
