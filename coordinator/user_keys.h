// The key pairs of users and of the front door, as they rest in the store.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_USER_KEYS_H_
#define HOMEPORT_COORDINATOR_USER_KEYS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/keys/key_pair.h"
#include "coordinator/keys/key_vault.h"
#include "coordinator/store/records.h"

namespace homeport {

// Owner (KeyVault) of the front door's host key.
inline constexpr char kFrontDoorOwner[] = "front-door";

// `owner` of a user's key: the user's resource name.
std::string UserKeyOwner(absl::string_view user_name);

KeyRecord SealKeyPair(const KeyVault& vault, const KeyPair& pair, absl::string_view owner);

// DATA_LOSS if the record does not open, or its public half is another key's.
absl::StatusOr<KeyPair> OpenKeyPair(const KeyVault& vault, const KeyRecord& record,
                                    absl::string_view owner);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_USER_KEYS_H_
