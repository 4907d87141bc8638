// Copies between open files without sending the bytes to the client and back.
//
// Threads: the server's only; takes as long as the copying does.
#ifndef HOMEPORT_AGENT_SFTP_DATA_COPY_H_
#define HOMEPORT_AGENT_SFTP_DATA_COPY_H_

#include <cstdint>

#include "agent/sftp/file_system.h"
#include "agent/sftp/handle_table.h"
#include "agent/sftp/protocol.h"

namespace homeport::agent::sftp {

struct DataCopy {
  HandleTable::File from;
  uint64_t from_offset = 0;
  uint64_t size_bytes = 0;  // 0: to the end of the file
  HandleTable::File to;
  uint64_t to_offset = 0;
};

// By copy_file_range(2) where the file systems can, so that blocks may be shared. A file may be
// copied into itself unless the two ranges overlap, which is a failure. An end of file before
// `size_bytes` is kEof, with what was there copied.
StatusCode CopyData(FileSystem& files, DataCopy copy);

}  // namespace homeport::agent::sftp

#endif  // HOMEPORT_AGENT_SFTP_DATA_COPY_H_
