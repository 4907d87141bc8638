// What went wrong, in the protocol's terms (draft-ietf-secsh-filexfer-02, 7), as OpenSSH says it.
//
// Threads: any.
#ifndef HOMEPORT_AGENT_SFTP_STATUS_CODE_H_
#define HOMEPORT_AGENT_SFTP_STATUS_CODE_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "agent/sftp/protocol.h"

namespace homeport::agent::sftp {

// Of a FileSystem's result: success if it is not negative, else what the errno amounts to.
StatusCode CodeOf(int64_t result);

// The sentence that goes with a code; people see it in their clients.
absl::string_view TextOf(StatusCode code);

}  // namespace homeport::agent::sftp

#endif  // HOMEPORT_AGENT_SFTP_STATUS_CODE_H_
