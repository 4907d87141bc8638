// Keys that a cluster publishes. None of them signed what nobody signed.
#include <cstdlib>

#include "coordinator/identity/key_set.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto keys = homeport::KeySet::Parse(bytes);
  if (!keys.ok()) return 0;
  homeport::WebToken token;
  token.signed_text = "eyJ.eyJ";
  token.key_id = "k";
  for (const char* algorithm : {"RS256", "ES256", "none", "HS256"}) {
    token.algorithm = algorithm;
    for (const size_t length : {size_t{0}, size_t{1}, size_t{64}, size_t{256}}) {
      token.signature = std::string(length, '\1');
      if (keys->Verify(token).ok()) abort();
    }
  }
  return 0;
}
