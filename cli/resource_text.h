// Pieces of resources as people read them. Threads: any.
#ifndef HOMEPORT_CLI_RESOURCE_TEXT_H_
#define HOMEPORT_CLI_RESOURCE_TEXT_H_

#include <string>

#include "google/protobuf/repeated_field.h"
#include "google/protobuf/timestamp.pb.h"
#include "proto/homeport/v1/user.pb.h"
#include "proto/homeport/v1/workspace.pb.h"

namespace homeport {

// "ROLE_SITE_MANAGER" as "site-manager", for the prefix "ROLE_"; a value that is newer than this
// program as its number.
std::string EnumText(const std::string& name, const std::string& prefix, int number);

// "2023-11-14 22:13:20Z".
std::string TimeText(const google::protobuf::Timestamp& time);
// "member, site-manager".
std::string RolesText(const google::protobuf::RepeatedField<int>& roles);
std::string RolesText(const v1::User& user);
// "active".
std::string StateText(const v1::User& user);
// "embedded".
std::string BackendText(v1::BackendKind kind);
// "embedded, openssh". Empty if no agent is connected.
std::string BackendsText(const v1::Workspace& workspace);

}  // namespace homeport

#endif  // HOMEPORT_CLI_RESOURCE_TEXT_H_
