#include "base/ssh_wire.h"

namespace homeport {

absl::string_view WireReader::Raw(size_t size) {
  if (!ok_ || rest_.size() < size) {
    ok_ = false;
    rest_ = {};
    return {};
  }
  const absl::string_view taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

uint8_t WireReader::Byte() {
  const absl::string_view bytes = Raw(1);
  return bytes.empty() ? 0 : static_cast<uint8_t>(bytes[0]);
}

uint32_t WireReader::Uint32() {
  const absl::string_view bytes = Raw(4);
  uint32_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<uint8_t>(c);
  return value;
}

uint64_t WireReader::Uint64() {
  const uint64_t high = Uint32();
  return high << 32 | Uint32();
}

absl::string_view WireReader::String() { return Raw(Uint32()); }

WireWriter& WireWriter::Byte(uint8_t value) {
  bytes_.push_back(static_cast<char>(value));
  return *this;
}

WireWriter& WireWriter::Uint32(uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) Byte(static_cast<uint8_t>(value >> shift));
  return *this;
}

WireWriter& WireWriter::Uint64(uint64_t value) {
  return Uint32(static_cast<uint32_t>(value >> 32)).Uint32(static_cast<uint32_t>(value));
}

WireWriter& WireWriter::String(absl::string_view value) {
  return Uint32(static_cast<uint32_t>(value.size())).Raw(value);
}

WireWriter& WireWriter::Raw(absl::string_view value) {
  bytes_.append(value.data(), value.size());
  return *this;
}

}  // namespace homeport
