#include "agent/key_socket/agent_message.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/ssh_wire.h"

namespace homeport::agent {
namespace {

// Section 6.1.
enum MessageNumber : uint8_t {
  kFailure = 5,
  kRequestIdentities = 11,
  kIdentitiesAnswer = 12,
  kSignRequest = 13,
  kSignResponse = 14,
  kAddIdentity = 17,
  kRemoveIdentity = 18,
  kRemoveAllIdentities = 19,
  kAddSmartcardKey = 20,
  kRemoveSmartcardKey = 21,
  kLock = 22,
  kUnlock = 23,
  kAddIdConstrained = 25,
  kAddSmartcardKeyConstrained = 26,
  kExtension = 27,
  kExtensionResponse = 29,
};

constexpr char kQuery[] = "query";

// What is asked for by a message that would change which keys there are; null for others.
const char* ChangeName(uint8_t number) {
  switch (number) {
    case kAddIdentity:
    case kAddIdConstrained:
      return "add a key";
    case kRemoveIdentity:
      return "remove a key";
    case kRemoveAllIdentities:
      return "remove all keys";
    case kAddSmartcardKey:
    case kAddSmartcardKeyConstrained:
      return "add a smart card's keys";
    case kRemoveSmartcardKey:
      return "remove a smart card's keys";
    case kLock:
      return "lock the agent";
    case kUnlock:
      return "unlock the agent";
    default:
      return nullptr;
  }
}

std::string Framed(const WireWriter& message) {
  return WireWriter().String(message.bytes()).bytes();
}

AgentRequest Unknown(std::string name) {
  AgentRequest request;
  request.name = std::move(name);
  return request;
}

AgentRequest ParseSignRequest(WireReader reader) {
  AgentRequest request;
  request.kind = AgentRequest::Kind::kSign;
  request.name = "sign";
  request.public_key = std::string(reader.String());
  request.data = std::string(reader.String());
  request.flags = reader.Uint32();
  if (!reader.AtEnd()) return Unknown("sign, in a message that is malformed");
  return request;
}

AgentRequest ParseExtension(WireReader reader) {
  AgentRequest request;
  request.name = std::string(reader.String());
  if (!reader.ok()) return Unknown("an extension, in a message that is malformed");
  request.kind =
      request.name == kQuery ? AgentRequest::Kind::kQueryAbilities : AgentRequest::Kind::kExtension;
  return request;
}

}  // namespace

absl::StatusOr<std::optional<absl::string_view>> FirstAgentMessage(absl::string_view bytes) {
  WireReader reader(bytes);
  const uint32_t size = reader.Uint32();
  if (!reader.ok()) return std::nullopt;
  if (size == 0 || size > kLongestAgentMessage) {
    return absl::InvalidArgumentError(absl::StrCat("a message of ", size, " bytes; between 1 and ",
                                                   kLongestAgentMessage,
                                                   " are what an ssh-agent takes"));
  }
  const absl::string_view message = reader.Raw(size);
  if (!reader.ok()) return std::nullopt;
  return message;
}

AgentRequest ParseAgentRequest(absl::string_view message) {
  WireReader reader(message);
  const uint8_t number = reader.Byte();
  if (!reader.ok()) return Unknown("nothing");
  if (number == kRequestIdentities) {
    AgentRequest request;
    request.kind = AgentRequest::Kind::kList;
    request.name = "list keys";
    return request;
  }
  if (number == kSignRequest) return ParseSignRequest(reader);
  if (number == kExtension) return ParseExtension(reader);
  if (const char* name = ChangeName(number); name != nullptr) {
    AgentRequest request;
    request.kind = AgentRequest::Kind::kChange;
    request.name = name;
    return request;
  }
  return Unknown(absl::StrCat("message ", number));
}

std::string AgentFailure() { return Framed(WireWriter().Byte(kFailure)); }

std::string AgentAbilities() {
  return Framed(WireWriter().Byte(kExtensionResponse).String(kQuery).String(kQuery));
}

std::string AgentKeyList(absl::string_view public_key, absl::string_view comment) {
  WireWriter message;
  message.Byte(kIdentitiesAnswer).Uint32(public_key.empty() ? 0 : 1);
  if (!public_key.empty()) message.String(public_key).String(comment);
  return Framed(message);
}

std::string AgentSignature(absl::string_view signature) {
  return Framed(WireWriter().Byte(kSignResponse).String(signature));
}

}  // namespace homeport::agent
