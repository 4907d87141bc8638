#include "agent/sftp/byte_buffer.h"

#include <cstring>

namespace homeport::agent::sftp {

// new char[] without parentheses leaves the memory as it is: a page that is never used costs
// nothing.
ByteBuffer::ByteBuffer(size_t capacity_bytes)
    : capacity_(capacity_bytes), memory_(new char[capacity_bytes]) {}

char* ByteBuffer::Reserve(size_t size) {
  if (size > room()) return nullptr;
  if (size > capacity_ - end_) {
    memmove(memory_.get(), memory_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  return memory_.get() + end_;
}

bool ByteBuffer::Append(absl::string_view bytes) {
  char* space = Reserve(bytes.size());
  if (space == nullptr) return false;
  if (!bytes.empty()) memcpy(space, bytes.data(), bytes.size());
  Commit(bytes.size());
  return true;
}

void ByteBuffer::Consume(size_t size) {
  begin_ += size;
  if (begin_ == end_) begin_ = end_ = 0;
}

}  // namespace homeport::agent::sftp
