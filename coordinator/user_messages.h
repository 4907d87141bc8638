// People, tokens and key algorithms: between messages and records.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_USER_MESSAGES_H_
#define HOMEPORT_COORDINATOR_USER_MESSAGES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/keys/key_pair.h"
#include "coordinator/store/records.h"
#include "proto/homeport/v1/user.pb.h"

namespace homeport {

v1::User ToProto(const UserRecord& record);
v1::Token ToProto(const CredentialRecord& record, absl::string_view user_name);
v1::PublicKey ToProto(const OwnKeyRecord& record, absl::string_view user_name);

// The comment of a user's assigned key: `homeport:<e-mail>`.
std::string KeyComment(const UserRecord& user);

struct UserRoles {
  bool site_manager = false;
  bool auditor = false;
};
// INVALID_ARGUMENT for a role that does not exist.
absl::StatusOr<UserRoles> ReadRoles(const v1::User& user);
// INVALID_ARGUMENT for a state that does not exist.
absl::StatusOr<bool> ReadSuspended(const v1::User& user);

// Every role, as the audit calls them (coordinator/caller.h), and as messages do.
std::vector<std::string> RoleNames(const UserRoles& roles);
std::vector<v1::Role> RoleValues(const UserRoles& roles);
// What a token's role is called; empty for unspecified. INVALID_ARGUMENT for one that does not
// exist.
absl::StatusOr<std::string> TokenRoleName(v1::Role role);

// As messages and as the settings in the store name them. INVALID_ARGUMENT for one that is none.
v1::KeyAlgorithm ToProto(KeyAlgorithm algorithm);
absl::StatusOr<KeyAlgorithm> ReadKeyAlgorithm(absl::string_view field, v1::KeyAlgorithm algorithm);
std::string KeyAlgorithmName(KeyAlgorithm algorithm);
// The algorithm of keys that are made from now on.
KeyAlgorithm NewKeysAlgorithm(const SiteSettings& settings);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_USER_MESSAGES_H_
