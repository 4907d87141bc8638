// The lines of ~/.ssh/authorized_keys for the owner's keys.
//
// Threads: any.
#ifndef HOMEPORT_AGENT_FILES_AUTHORIZED_KEYS_H_
#define HOMEPORT_AGENT_FILES_AUTHORIZED_KEYS_H_

#include <string>
#include <vector>

#include "proto/homeport/v1/agent.pb.h"

namespace homeport::agent {

// `TYPE BASE64 homeport:COMMENT` for each key (sshd(8), AUTHORIZED_KEYS FILE FORMAT). What is no
// public key blob (RFC 4253, 6.6) is left out; in the comment only printable ASCII stays.
std::vector<std::string> AuthorizedKeysLines(const v1::OwnerKeys& keys);

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_FILES_AUTHORIZED_KEYS_H_
