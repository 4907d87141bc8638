// Gives a file the attributes that a client has asked for.
//
// Threads: the server's only.
#ifndef HOMEPORT_AGENT_SFTP_ATTRIBUTE_CHANGES_H_
#define HOMEPORT_AGENT_SFTP_ATTRIBUTE_CHANGES_H_

#include "agent/sftp/attributes.h"
#include "agent/sftp/file_system.h"
#include "agent/sftp/protocol.h"

namespace homeport::agent::sftp {

// Size, permissions, times, owner, in this order; one that fails does not keep the others from
// being tried, and the last failure counts.
StatusCode ApplyAttributes(FileSystem& files, const FileSystem::Target& target,
                           const Attributes& attributes);

}  // namespace homeport::agent::sftp

#endif  // HOMEPORT_AGENT_SFTP_ATTRIBUTE_CHANGES_H_
