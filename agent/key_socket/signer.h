// Somebody who can sign with the owner's key, which is not here.
#ifndef HOMEPORT_AGENT_KEY_SOCKET_SIGNER_H_
#define HOMEPORT_AGENT_KEY_SOCKET_SIGNER_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"

namespace homeport::agent {

struct SignatureWanted {
  std::string public_key;  // a blob (RFC 4253, 6.6)
  std::string data;
  uint32_t flags = 0;  // of SSH_AGENTC_SIGN_REQUEST
};

class Signer {
 public:
  // A signature blob, or a sentence that says why not.
  using Callback = std::function<void(absl::StatusOr<std::string> signature)>;

  virtual ~Signer() = default;
  // On the loop's thread, as is the callback, which never comes within the call.
  virtual void Sign(SignatureWanted wanted, Callback on_signed) = 0;
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_KEY_SOCKET_SIGNER_H_
