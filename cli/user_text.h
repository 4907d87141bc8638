// People, keys and tokens as people read them.
//
// Threads: any.
#ifndef HOMEPORT_CLI_USER_TEXT_H_
#define HOMEPORT_CLI_USER_TEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "cli/table.h"
#include "proto/homeport/v1/user.pb.h"

namespace homeport {

// One row for each thing that is known.
Table UserTable(const v1::User& user);
Table TokenTable(const v1::Token& token);
Table PublicKeyTable(const v1::PublicKey& key);

// "site-manager" and its like; INVALID_ARGUMENT for others.
absl::StatusOr<v1::Role> ParseRole(const std::string& text);

}  // namespace homeport

#endif  // HOMEPORT_CLI_USER_TEXT_H_
