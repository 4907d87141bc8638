// What a client of the key socket sends.
#include <cstdlib>

#include "agent/key_socket/agent_message.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using homeport::agent::AgentRequest;
  absl::string_view rest(reinterpret_cast<const char*>(data), size);
  while (true) {
    const auto message = homeport::agent::FirstAgentMessage(rest);
    if (!message.ok() || !message->has_value()) return 0;
    if ((*message)->empty() || (*message)->size() + 4 > rest.size()) abort();
    const AgentRequest request = homeport::agent::ParseAgentRequest(**message);
    // What is to be signed was all there.
    if (request.kind == AgentRequest::Kind::kSign &&
        1 + 4 + request.public_key.size() + 4 + request.data.size() + 4 != (*message)->size()) {
      abort();
    }
    rest.remove_prefix(4 + (*message)->size());
  }
}
