// The private keys that an SSH server proves itself with.
//
// Threads: immutable once made; any.
#ifndef HOMEPORT_SSH_HOST_KEYS_H_
#define HOMEPORT_SSH_HOST_KEYS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

struct ssh_key_struct;

namespace homeport::ssh {

class HostKeys {
 public:
  // From files' contents in OpenSSH's format (PROTOCOL.key), unencrypted. INVALID_ARGUMENT if one
  // cannot be read.
  static absl::StatusOr<HostKeys> Parse(const std::vector<std::string>& private_keys);
  // One new Ed25519 key.
  static absl::StatusOr<HostKeys> Generate();

  // The public halves, as blobs (RFC 4253, 6.6).
  const std::vector<std::string>& public_blobs() const { return public_blobs_; }

 private:
  friend class ServerTransportFactory;
  // Shared by the copies of this object; libssh's key is only read.
  std::vector<std::shared_ptr<ssh_key_struct>> keys_;
  std::vector<std::string> public_blobs_;
};

// A key's fingerprint as OpenSSH prints it: SHA256:…
std::string Fingerprint(const std::string& public_blob);

}  // namespace homeport::ssh

#endif  // HOMEPORT_SSH_HOST_KEYS_H_
