// The data types of RFC 4251, 5, over plain memory.
//
// WireReader reads bytes that a peer sent: every read is checked, nothing throws, and after the
// first failure all further reads fail, so that a parser may read everything and ask ok() once.
//
// Threads: each object one at a time.
#ifndef HOMEPORT_BASE_SSH_WIRE_H_
#define HOMEPORT_BASE_SSH_WIRE_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace homeport {

class WireReader {
 public:
  // `bytes` must outlive the reader and the views it returns.
  explicit WireReader(absl::string_view bytes) : rest_(bytes) {}

  uint8_t Byte();
  bool Bool() { return Byte() != 0; }
  uint32_t Uint32();
  uint64_t Uint64();
  // A `string`: a view into the bytes, empty after a failure.
  absl::string_view String();
  // `size` bytes as they are.
  absl::string_view Raw(size_t size);

  // What is left unread.
  absl::string_view rest() const { return rest_; }
  // Whether all reads so far succeeded.
  bool ok() const { return ok_; }
  // Whether all reads succeeded and nothing is left.
  bool AtEnd() const { return ok_ && rest_.empty(); }

 private:
  absl::string_view rest_;
  bool ok_ = true;
};

class WireWriter {
 public:
  WireWriter& Byte(uint8_t value);
  WireWriter& Bool(bool value) { return Byte(value ? 1 : 0); }
  WireWriter& Uint32(uint32_t value);
  WireWriter& Uint64(uint64_t value);
  WireWriter& String(absl::string_view value);
  WireWriter& Raw(absl::string_view value);

  const std::string& bytes() const& { return bytes_; }
  std::string bytes() && { return std::move(bytes_); }

 private:
  std::string bytes_;
};

}  // namespace homeport

#endif  // HOMEPORT_BASE_SSH_WIRE_H_
