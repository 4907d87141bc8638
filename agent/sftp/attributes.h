// File attributes as they travel (draft-ietf-secsh-filexfer-02, 5): a set of flags, and the fields
// that they announce.
//
// Threads: any.
#ifndef HOMEPORT_AGENT_SFTP_ATTRIBUTES_H_
#define HOMEPORT_AGENT_SFTP_ATTRIBUTES_H_

#include <sys/stat.h>

#include <cstdint>
#include <optional>

#include "base/ssh_wire.h"

namespace homeport::agent::sftp {

struct Attributes {
  struct Owner {
    uint32_t user_id = 0;
    uint32_t group_id = 0;
  };
  struct Times {  // seconds since 1970, unsigned
    uint32_t access = 0;
    uint32_t modification = 0;
  };
  std::optional<uint64_t> size_bytes;
  std::optional<Owner> owner;
  std::optional<uint32_t> mode;  // type and permission bits, as in st_mode
  std::optional<Times> times;
};

// What follows in `reader`; the reader has failed if it is malformed. Extended attributes are read
// over: version 3 defines none.
Attributes ReadAttributes(WireReader& reader);

void WriteAttributes(const Attributes& attributes, WireWriter& writer);

// Everything that version 3 can say about a file.
Attributes AttributesOf(const struct stat& file);

}  // namespace homeport::agent::sftp

#endif  // HOMEPORT_AGENT_SFTP_ATTRIBUTES_H_
