#include "agent/sftp/replies.h"

#include "agent/sftp/status_code.h"
#include "base/ssh_wire.h"

namespace homeport::agent::sftp {
namespace {

// Of a data reply: length, type, number, length of the data.
constexpr size_t kDataHeaderBytes = 4 + 1 + 4 + 4;
constexpr size_t kHeaderBytes = 1 + 4;  // type, number

void PutUint32(char* place, uint32_t value) {
  for (int i = 0; i < 4; ++i) place[i] = static_cast<char>(value >> (24 - 8 * i));
}

}  // namespace

void Replies::Status(uint32_t id, StatusCode code) { Status(id, code, TextOf(code)); }

void Replies::Status(uint32_t id, StatusCode code, absl::string_view text) {
  WireWriter fields;
  fields.Uint32(static_cast<uint32_t>(code)).String(text).String("");  // no language
  Packet(kStatusReply, id, fields.bytes());
}

void Replies::Handle(uint32_t id, absl::string_view handle) {
  Packet(kHandleReply, id, WireWriter().String(handle).bytes());
}

void Replies::Attrs(uint32_t id, const Attributes& attributes) {
  WireWriter fields;
  WriteAttributes(attributes, fields);
  Packet(kAttrsReply, id, fields.bytes());
}

void Replies::Name(uint32_t id, absl::string_view name) {
  WireWriter fields;
  fields.Uint32(1).String(name).String(name);
  WriteAttributes({}, fields);
  Packet(kNameReply, id, fields.bytes());
}

void Replies::Packet(PacketType type, uint32_t id, absl::string_view fields) {
  if (fields.size() > kMaxPacketBytes - kHeaderBytes) return Status(id, StatusCode::kFailure);
  WireWriter header;
  header.Uint32(static_cast<uint32_t>(kHeaderBytes + fields.size())).Byte(type).Uint32(id);
  output_.Append(header.bytes());
  output_.Append(fields);
}

void Replies::Version(absl::string_view extensions) {
  Packet(kVersion, kProtocolVersion, extensions);
}

char* Replies::SpaceForData(size_t size) {
  return output_.Reserve(kDataHeaderBytes + size) + kDataHeaderBytes;
}

void Replies::SendData(uint32_t id, size_t size) {
  char* header = output_.Reserve(kDataHeaderBytes + size);
  PutUint32(header, static_cast<uint32_t>(kDataHeaderBytes - 4 + size));
  header[4] = static_cast<char>(kDataReply);
  PutUint32(header + 5, id);
  PutUint32(header + 9, static_cast<uint32_t>(size));
  output_.Commit(kDataHeaderBytes + size);
}

}  // namespace homeport::agent::sftp
