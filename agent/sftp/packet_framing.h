// Cuts a stream into packets (draft-ietf-secsh-filexfer-02, 3): each is a length and as many bytes.
//
// Threads: any.
#ifndef HOMEPORT_AGENT_SFTP_PACKET_FRAMING_H_
#define HOMEPORT_AGENT_SFTP_PACKET_FRAMING_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace homeport::agent::sftp {

// The length in front of a packet.
constexpr size_t kLengthBytes = 4;

// The first packet of `stream` without its length: its type, and what follows. Empty if it has not
// arrived completely. INVALID_ARGUMENT if there can be no such packet, and the stream is lost.
absl::StatusOr<absl::string_view> FirstPacket(absl::string_view stream);

}  // namespace homeport::agent::sftp

#endif  // HOMEPORT_AGENT_SFTP_PACKET_FRAMING_H_
