// What a proxy asks the coordinator to sign.
#include <cstdlib>

#include "base/ssh_wire.h"
#include "coordinator/keys/userauth_request.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string key =
      homeport::WireWriter().String("ssh-ed25519").String(std::string(32, 'k')).bytes();
  const std::string host_key =
      homeport::WireWriter().String("ssh-ed25519").String(std::string(32, 'h')).bytes();
  const auto algorithm = homeport::CheckUserauthRequest(bytes, {"dev", key, host_key});
  if (!algorithm.ok()) return 0;
  // What passes names the account, the key, its algorithm and the method, and has nothing after
  // them.
  if (*algorithm != "ssh-ed25519") abort();
  if (bytes.find("dev") == bytes.npos || bytes.find(key) == bytes.npos ||
      bytes.find("publickey") == bytes.npos) {
    abort();
  }
  if (homeport::CheckUserauthRequest(std::string(bytes) + "x", {"dev", key, host_key}).ok())
    abort();
  return 0;
}
