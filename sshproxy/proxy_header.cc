#include "sshproxy/proxy_header.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/address.h"
#include "base/ssh_wire.h"

namespace homeport {
namespace {

using Result = absl::StatusOr<std::optional<ProxyHeader>>;

constexpr absl::string_view kTextStart = "PROXY ";
constexpr size_t kLongestText = 107;  // with the end of the line

constexpr absl::string_view kBinaryStart("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr size_t kBinaryFixed = 16;
enum Command : uint8_t { kLocal = 0x20, kProxy = 0x21 };
enum Family : uint8_t { kUnspecified = 0x00, kTcp4 = 0x11, kTcp6 = 0x21 };

absl::Status Malformed(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("no PROXY header: ", what));
}

// Whether the bytes could still become, or are, something that starts like this.
bool Agree(absl::string_view bytes, absl::string_view start) {
  const size_t size = std::min(bytes.size(), start.size());
  return bytes.substr(0, size) == start.substr(0, size);
}

bool IsAddress(int family, const std::string& text) {
  unsigned char scrap[16];
  return inet_pton(family, text.c_str(), scrap) == 1;
}

// A decimal port as the protocol writes it: nothing around it, no zero in front.
std::optional<int> ReadPort(absl::string_view text) {
  int port = 0;
  const bool digits = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
  if (!digits || (text.size() > 1 && text[0] == '0') || !absl::SimpleAtoi(text, &port) ||
      port > 65535) {
    return std::nullopt;
  }
  return port;
}

Result ReadText(absl::string_view bytes) {
  const absl::string_view start = bytes.substr(0, kLongestText);
  const size_t end = start.find("\r\n");
  if (end == absl::string_view::npos) {
    if (start.size() < kLongestText) return std::nullopt;
    return Malformed("a line that does not end");
  }
  ProxyHeader header;
  header.size = end + 2;
  const std::vector<std::string> words =
      absl::StrSplit(start.substr(kTextStart.size(), end - kTextStart.size()), ' ');
  if (words[0] == "UNKNOWN") return header;
  const int family = words[0] == "TCP4" ? AF_INET : words[0] == "TCP6" ? AF_INET6 : AF_UNSPEC;
  if (family == AF_UNSPEC || words.size() != 5 || !IsAddress(family, words[1]) ||
      !IsAddress(family, words[2])) {
    return Malformed("no addresses of TCP4 or TCP6");
  }
  const std::optional<int> client_port = ReadPort(words[3]);
  const std::optional<int> server_port = ReadPort(words[4]);
  if (!client_port.has_value() || !server_port.has_value()) return Malformed("no ports");
  header.client_address = FormatHostPort({words[1], *client_port});
  header.server_address = FormatHostPort({words[2], *server_port});
  return header;
}

std::string AddressText(int family, absl::string_view bytes) {
  char text[INET6_ADDRSTRLEN];
  return inet_ntop(family, bytes.data(), text, sizeof(text)) == nullptr ? "" : text;
}

Result ReadBinary(absl::string_view bytes) {
  if (bytes.size() < kBinaryFixed) return std::nullopt;
  WireReader reader(bytes.substr(kBinaryStart.size()));
  const uint8_t command = reader.Byte();
  const uint8_t family = reader.Byte();
  const size_t high = reader.Byte();
  const size_t length = high << 8 | reader.Byte();
  if (command != kLocal && command != kProxy) return Malformed("neither LOCAL nor PROXY");
  if (kBinaryFixed + length > kLongestProxyHeader) return Malformed("too long");
  if (bytes.size() < kBinaryFixed + length) return std::nullopt;
  ProxyHeader header;
  header.size = kBinaryFixed + length;
  if (command == kLocal || family == kUnspecified) return header;
  if (family != kTcp4 && family != kTcp6) return Malformed("not of TCP");
  const int system_family = family == kTcp4 ? AF_INET : AF_INET6;
  const size_t address_bytes = family == kTcp4 ? 4 : 16;
  WireReader addresses(bytes.substr(kBinaryFixed, length));
  const absl::string_view client = addresses.Raw(address_bytes);
  const absl::string_view server = addresses.Raw(address_bytes);
  const uint32_t ports = addresses.Uint32();
  if (!addresses.ok()) return Malformed("shorter than its addresses");
  header.client_address =
      FormatHostPort({AddressText(system_family, client), static_cast<int>(ports >> 16)});
  header.server_address =
      FormatHostPort({AddressText(system_family, server), static_cast<int>(ports & 0xffff)});
  return header;
}

}  // namespace

Result ReadProxyHeader(absl::string_view bytes) {
  if (bytes.empty()) return std::nullopt;
  if (Agree(bytes, kTextStart)) {
    if (bytes.size() < kTextStart.size()) return std::nullopt;
    return ReadText(bytes);
  }
  if (Agree(bytes, kBinaryStart)) return ReadBinary(bytes);
  return Malformed("other bytes");
}

}  // namespace homeport
