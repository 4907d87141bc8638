// The first bytes that an agent sends on a tunnel, before the tunnel becomes the way to a backend.
//
//   8 bytes  "HOMEPORT"
//   1 byte   version, 1
//   1 byte   the backend that follows: 1 embedded, 2 OpenSSH (BackendKind)
//  32 bytes  the ticket from `Dial`
//
// The proxy answers nothing: what it writes next is its SSH identification string, or it closes.
#ifndef HOMEPORT_BASE_TUNNEL_PREAMBLE_H_
#define HOMEPORT_BASE_TUNNEL_PREAMBLE_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace homeport {

inline constexpr size_t kTicketBytes = 32;
inline constexpr size_t kTunnelPreambleBytes = 8 + 1 + 1 + kTicketBytes;

struct TunnelPreamble {
  int backend = 0;     // 1 embedded, 2 OpenSSH
  std::string ticket;  // kTicketBytes long
};

std::string EncodeTunnelPreamble(const TunnelPreamble& preamble);

// `bytes` is kTunnelPreambleBytes long. INVALID_ARGUMENT says what is wrong with it.
absl::StatusOr<TunnelPreamble> DecodeTunnelPreamble(absl::string_view bytes);

}  // namespace homeport

#endif  // HOMEPORT_BASE_TUNNEL_PREAMBLE_H_
