// The messages of an ssh-agent (draft-ietf-sshm-ssh-agent), as far as the key socket speaks them.
//
// Threads: any.
#ifndef HOMEPORT_AGENT_KEY_SOCKET_AGENT_MESSAGE_H_
#define HOMEPORT_AGENT_KEY_SOCKET_AGENT_MESSAGE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace homeport::agent {

// As OpenSSH's agent bounds it; no answer comes near.
inline constexpr size_t kLongestAgentMessage = 256 << 10;

// The first message of `bytes`, without its length (section 3): a view into `bytes`, which also
// hold the four bytes of the length before it. Nothing if it is not complete. INVALID_ARGUMENT for
// a length that is zero or above kLongestAgentMessage: there is no way to go on.
absl::StatusOr<std::optional<absl::string_view>> FirstAgentMessage(absl::string_view bytes);

// What a client asks for.
struct AgentRequest {
  enum class Kind {
    kList,            // which keys are there
    kSign,            // a signature
    kChange,          // to add, remove, lock or unlock keys: not with this agent
    kQueryAbilities,  // the extension "query"
    kExtension,       // another extension
    kUnknown,         // a number that we do not know, or a message that breaks off
  };
  Kind kind = Kind::kUnknown;
  std::string name;        // for logs: what is asked for; of an extension its name, as it was sent
  std::string public_key;  // of kSign, a blob (RFC 4253, 6.6)
  std::string data;        // of kSign
  uint32_t flags = 0;      // of kSign
};

// `message` is without its length. Never fails: what cannot be read is kUnknown.
AgentRequest ParseAgentRequest(absl::string_view message);

// Answers, with their lengths.
std::string AgentFailure();
// To kQueryAbilities: the extensions that there are, which is "query" alone.
std::string AgentAbilities();
// To kList; no key for an empty blob.
std::string AgentKeyList(absl::string_view public_key, absl::string_view comment);
// To kSign: a signature blob (RFC 4253, 6.6).
std::string AgentSignature(absl::string_view signature);

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_KEY_SOCKET_AGENT_MESSAGE_H_
