#include "base/tunnel_preamble.h"

#include "absl/strings/str_cat.h"
#include "base/ssh_wire.h"

namespace homeport {
namespace {

constexpr absl::string_view kMagic = "HOMEPORT";
constexpr int kVersion = 1;

}  // namespace

std::string EncodeTunnelPreamble(const TunnelPreamble& preamble) {
  return WireWriter()
      .Raw(kMagic)
      .Byte(kVersion)
      .Byte(static_cast<uint8_t>(preamble.backend))
      .Raw(preamble.ticket)
      .bytes();
}

absl::StatusOr<TunnelPreamble> DecodeTunnelPreamble(absl::string_view bytes) {
  WireReader reader(bytes);
  if (reader.Raw(kMagic.size()) != kMagic) {
    return absl::InvalidArgumentError("not a tunnel preamble");
  }
  if (const int version = reader.Byte(); version != kVersion) {
    return absl::InvalidArgumentError(absl::StrCat("tunnel preamble has version ", version,
                                                   "; this proxy speaks version ", kVersion));
  }
  TunnelPreamble preamble;
  preamble.backend = reader.Byte();
  if (preamble.backend != 1 && preamble.backend != 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("tunnel preamble names backend ", preamble.backend, "; known are 1 and 2"));
  }
  preamble.ticket = std::string(reader.Raw(kTicketBytes));
  if (!reader.AtEnd()) return absl::InvalidArgumentError("tunnel preamble has the wrong length");
  return preamble;
}

}  // namespace homeport
