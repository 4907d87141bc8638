// The first bytes of a tunnel, from whoever reaches the tunnel port.
#include <cstdlib>

#include "base/tunnel_preamble.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto preamble = homeport::DecodeTunnelPreamble(bytes);
  // What is accepted is exactly what would be written.
  if (preamble.ok() && homeport::EncodeTunnelPreamble(*preamble) != bytes) abort();
  return 0;
}
