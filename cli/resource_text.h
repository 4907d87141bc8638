// Pieces of resources as people read them. Threads: any.
#ifndef HOMEPORT_CLI_RESOURCE_TEXT_H_
#define HOMEPORT_CLI_RESOURCE_TEXT_H_

#include <string>

#include "proto/homeport/v1/admin.pb.h"

namespace homeport {

// "2023-11-14 22:13:20Z".
std::string TimeText(const google::protobuf::Timestamp& time);
// "member, site-manager".
std::string RolesText(const v1::User& user);
// "embedded".
std::string BackendText(v1::BackendKind kind);
// "embedded, openssh". Empty if no agent is connected.
std::string BackendsText(const v1::Workspace& workspace);

}  // namespace homeport

#endif  // HOMEPORT_CLI_RESOURCE_TEXT_H_
