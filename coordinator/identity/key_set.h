// The keys that a cluster publishes for those who verify its tokens: a JSON web key set (RFC 7517),
// of RSA keys for RS256 and P-256 keys for ES256 (RFC 7518, 3.3 and 3.4).
//
// A key verifies signatures of its one algorithm; what a token's header says never chooses another.
//
// Threads: any; immutable.
#ifndef HOMEPORT_COORDINATOR_IDENTITY_KEY_SET_H_
#define HOMEPORT_COORDINATOR_IDENTITY_KEY_SET_H_

#include <openssl/evp.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/identity/web_token.h"

namespace homeport {

class KeySet {
 public:
  // INVALID_ARGUMENT if it is no key set. Keys for other algorithms or uses, weak ones and damaged
  // ones are passed over.
  static absl::StatusOr<KeySet> Parse(absl::string_view json);

  bool Has(absl::string_view key_id) const;
  // UNAUTHENTICATED unless the key that the token names is here and signed it.
  absl::Status Verify(const WebToken& token) const;
  size_t size() const { return keys_.size(); }

 private:
  struct Key {
    std::string id;
    std::string algorithm;
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{nullptr, EVP_PKEY_free};
  };

  std::vector<Key> keys_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_IDENTITY_KEY_SET_H_
