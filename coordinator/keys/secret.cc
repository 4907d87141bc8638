#include "coordinator/keys/secret.h"

#include <sodium.h>

namespace homeport {

void WipeSecret(std::string& secret) {
  sodium_memzero(secret.data(), secret.size());
  secret.clear();
}

}  // namespace homeport
