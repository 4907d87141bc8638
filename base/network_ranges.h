// Ranges of IP addresses, as operators write them: `10.0.0.0/8,2001:db8::/32,192.0.2.1`.
//
// An IPv4 address and the same as a mapped IPv6 address (`::ffff:192.0.2.1`), as sockets that
// listen on both show it, are one.
//
// Threads: any, const.
#ifndef HOMEPORT_BASE_NETWORK_RANGES_H_
#define HOMEPORT_BASE_NETWORK_RANGES_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace homeport {

// An address; one of IPv4 is mapped.
using IpAddress = std::array<uint8_t, 16>;

// Nothing if the text is no address. A zone (`fe80::1%eth0`) is passed over.
std::optional<IpAddress> ParseIpAddress(absl::string_view text);
bool IsIpv4(const IpAddress& address);

class NetworkRanges {
 public:
  // An empty list has none. INVALID_ARGUMENT names the entry that is no range.
  static absl::StatusOr<NetworkRanges> Parse(absl::string_view list);

  bool empty() const { return ranges_.empty(); }
  bool Contains(const IpAddress& address) const;

 private:
  struct Range {
    IpAddress address;
    int bits;
  };

  std::vector<Range> ranges_;
};

}  // namespace homeport

#endif  // HOMEPORT_BASE_NETWORK_RANGES_H_
