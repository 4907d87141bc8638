// What comes first from an address that a load balancer is said to have.
#include <cstdlib>

#include "base/address.h"
#include "sshproxy/proxy_header.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto read = homeport::ReadProxyHeader(bytes);
  if (!read.ok()) return 0;
  if (!read->has_value()) {
    // More is waited for only as long as more may come.
    if (size >= homeport::kLongestProxyHeader) abort();
    return 0;
  }
  const homeport::ProxyHeader& header = **read;
  if (header.size == 0 || header.size > size || header.size > homeport::kLongestProxyHeader)
    abort();
  // What follows it changes nothing.
  const auto alone = homeport::ReadProxyHeader(bytes.substr(0, header.size));
  if (!alone.ok() || !alone->has_value() || (*alone)->size != header.size) abort();
  for (const std::string& address : {header.client_address, header.server_address}) {
    if (!address.empty() && !homeport::ParseHostPort(address).ok()) abort();
  }
  return 0;
}
