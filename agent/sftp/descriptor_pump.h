// Carries an SFTP server's bytes between descriptors and its buffers.
//
// Reads as much as there is, has all complete requests served, and writes the replies together.
// When nobody takes the replies, nothing more is read.
//
// Threads: one; Run blocks.
#ifndef HOMEPORT_AGENT_SFTP_DESCRIPTOR_PUMP_H_
#define HOMEPORT_AGENT_SFTP_DESCRIPTOR_PUMP_H_

#include "absl/status/status.h"
#include "agent/sftp/byte_buffer.h"
#include "agent/sftp/sftp_server.h"

namespace homeport::agent::sftp {

class DescriptorPump {
 public:
  // The descriptors are non-blocking, stay the caller's, and may be the same. `output` is what
  // `server` writes to.
  DescriptorPump(int in, int out, SftpServer& server, ByteBuffer& input, ByteBuffer& output)
      : in_(in), out_(out), server_(server), input_(input), output_(output) {}

  // Until the input has ended and all replies are written, or the reader of the replies has gone.
  // The error is a stream that is not SFTP, or a descriptor that fails.
  absl::Status Run();

 private:
  absl::Status Await();
  absl::Status ServeAll();
  absl::Status ReadInput();
  absl::Status WriteOutput();

  const int in_;
  const int out_;
  SftpServer& server_;
  ByteBuffer& input_;
  ByteBuffer& output_;
  bool input_ended_ = false;
  bool reader_gone_ = false;
};

}  // namespace homeport::agent::sftp

#endif  // HOMEPORT_AGENT_SFTP_DESCRIPTOR_PUMP_H_
