#include "base/self_contained.h"

#include <nss.h>
#include <openssl/crypto.h>

#include <initializer_list>

namespace homeport {

void UseOnlyOwnLibraries() {
  for (const char* database : {"passwd", "group", "shadow", "services", "protocols"}) {
    __nss_configure_lookup(database, "files");
  }
  __nss_configure_lookup("hosts", "files dns");
  OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
}

}  // namespace homeport
