// Bytes on their way through the server: a buffer of fixed capacity that is filled at its end and
// emptied at its front, so that file contents can be read from and written to the kernel in place.
//
// Threads: one at a time.
#ifndef HOMEPORT_AGENT_SFTP_BYTE_BUFFER_H_
#define HOMEPORT_AGENT_SFTP_BYTE_BUFFER_H_

#include <cstddef>
#include <memory>

#include "absl/strings/string_view.h"

namespace homeport::agent::sftp {

class ByteBuffer {
 public:
  // Memory is taken from the system only as far as it is used.
  explicit ByteBuffer(size_t capacity_bytes);

  absl::string_view bytes() const { return {memory_.get() + begin_, end_ - begin_}; }
  size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }
  // How much can be added.
  size_t room() const { return capacity_ - size(); }

  // At least `size` bytes behind the content, to be written to and then counted by Commit; they are
  // where they are until the next call that is not const. Null if there is not that much room.
  char* Reserve(size_t size);
  // The first `size` reserved bytes join the content.
  void Commit(size_t size) { end_ += size; }
  // Adds `bytes`; false, and nothing added, if there is no room.
  bool Append(absl::string_view bytes);
  // Takes `size` bytes away from the front.
  void Consume(size_t size);

 private:
  const size_t capacity_;
  const std::unique_ptr<char[]> memory_;
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace homeport::agent::sftp

#endif  // HOMEPORT_AGENT_SFTP_BYTE_BUFFER_H_
