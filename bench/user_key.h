// An unencrypted Ed25519 key file in OpenSSH's format (PROTOCOL.key), as `homeport keys download`
// writes it, and its signatures.
//
// Threads: immutable once made; any.
#ifndef HOMEPORT_BENCH_USER_KEY_H_
#define HOMEPORT_BENCH_USER_KEY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace homeport::bench {

class UserKey {
 public:
  // INVALID_ARGUMENT says what about the file is not as it should be.
  static absl::StatusOr<UserKey> Load(const std::string& path);

  // The public half (RFC 8709, 4).
  const std::string& public_blob() const { return public_blob_; }
  // A signature blob (RFC 8709, 6).
  std::string Sign(absl::string_view message) const;

 private:
  std::string public_blob_;
  std::string secret_;  // seed and public key, as libsodium wants it
};

}  // namespace homeport::bench

#endif  // HOMEPORT_BENCH_USER_KEY_H_
