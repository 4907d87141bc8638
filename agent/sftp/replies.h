// Writes replies into the output, each in one piece.
//
// Threads: one at a time.
#ifndef HOMEPORT_AGENT_SFTP_REPLIES_H_
#define HOMEPORT_AGENT_SFTP_REPLIES_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "agent/sftp/attributes.h"
#include "agent/sftp/byte_buffer.h"
#include "agent/sftp/protocol.h"

namespace homeport::agent::sftp {

class Replies {
 public:
  // What the output must be able to hold.
  static constexpr size_t kMostBytes = kMaxPacketBytes + 4;

  explicit Replies(ByteBuffer& output) : output_(output) {}

  // Whether a reply of any size fits. Ask before each request; the other methods rely on it.
  bool HasRoom() const { return output_.room() >= kMostBytes; }

  void Status(uint32_t id, StatusCode code);  // with the code's own sentence
  void Status(uint32_t id, StatusCode code, absl::string_view text);
  void Handle(uint32_t id, absl::string_view handle);
  void Attrs(uint32_t id, const Attributes& attributes);
  // One name that is no file's entry: it has no attributes and is its own long form.
  void Name(uint32_t id, absl::string_view name);
  // A reply whose fields after the number have been written already. One that is larger than a
  // packet may be becomes a failure.
  void Packet(PacketType type, uint32_t id, absl::string_view fields);
  void Version(absl::string_view extensions);

  // Where up to kMaxDataBytes of a file can be read to; SendData sends the first `size` of them.
  char* SpaceForData(size_t size);
  void SendData(uint32_t id, size_t size);

 private:
  ByteBuffer& output_;
};

}  // namespace homeport::agent::sftp

#endif  // HOMEPORT_AGENT_SFTP_REPLIES_H_
