// What all handlers of requests work with. Outlives them.
#ifndef HOMEPORT_AGENT_SFTP_SERVICES_H_
#define HOMEPORT_AGENT_SFTP_SERVICES_H_

#include "agent/sftp/accounts.h"
#include "agent/sftp/file_system.h"
#include "agent/sftp/handle_table.h"
#include "agent/sftp/replies.h"

namespace homeport::agent::sftp {

struct Services {
  FileSystem& files;
  Accounts& accounts;
  HandleTable& handles;
  Replies& replies;
  const bool read_only;
};

}  // namespace homeport::agent::sftp

#endif  // HOMEPORT_AGENT_SFTP_SERVICES_H_
