// An SFTP server, version 3 with OpenSSH's extensions: bytes in, bytes out.
//
//   client ── INIT ──▶ VERSION; then requests, each answered in its turn
//
// A request that is malformed gets the status kBadMessage; a stream that cannot be cut into
// packets, or anything but INIT at its start, is an error that ends it. Nothing that a client sends
// makes the server hold more than its buffers, a folder entry and the handles that it allows.
//
// Threads: one at a time. Blocks as long as the file system does.
#ifndef HOMEPORT_AGENT_SFTP_SFTP_SERVER_H_
#define HOMEPORT_AGENT_SFTP_SFTP_SERVER_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "agent/sftp/accounts.h"
#include "agent/sftp/byte_buffer.h"
#include "agent/sftp/extensions.h"
#include "agent/sftp/file_requests.h"
#include "agent/sftp/file_system.h"
#include "agent/sftp/folder_requests.h"
#include "agent/sftp/handle_table.h"
#include "agent/sftp/path_requests.h"
#include "agent/sftp/replies.h"
#include "agent/sftp/request.h"
#include "agent/sftp/services.h"

namespace homeport::agent::sftp {

class SftpServer {
 public:
  struct Options {
    bool read_only = false;
    size_t most_handles = 1000;
  };
  // What `input` and `output` must be able to hold at least.
  static constexpr size_t kLeastBufferBytes = Replies::kMostBytes;

  // All outlive the server.
  SftpServer(FileSystem& files, Accounts& accounts, const Options& options, ByteBuffer& output);

  // Takes requests off the front of `input` and answers them, until the next is not there
  // completely or the output might not hold another reply.
  absl::Status Serve(ByteBuffer& input);

  // Whether Serve stopped because of the output.
  bool waits_for_output() const { return !replies_.HasRoom(); }

 private:
  absl::Status OnPacket(absl::string_view packet);
  Outcome OnRequest(uint8_t type, Request& request);

  Replies replies_;
  HandleTable handles_;
  Services services_;
  FileRequests file_requests_;
  FolderRequests folder_requests_;
  PathRequests path_requests_;
  Extensions extensions_;
  bool initialized_ = false;
};

}  // namespace homeport::agent::sftp

#endif  // HOMEPORT_AGENT_SFTP_SFTP_SERVER_H_
