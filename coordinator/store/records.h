// What the store keeps: plain values.
#ifndef HOMEPORT_COORDINATOR_STORE_RECORDS_H_
#define HOMEPORT_COORDINATOR_STORE_RECORDS_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "coordinator/keys/credential.h"

namespace homeport {

// A key pair at rest.
struct KeyRecord {
  std::string public_key;  // blob (RFC 4253, 6.6)
  std::string sealed;      // by KeyVault
};

struct UserRecord {
  int64_t id = 0;  // never used again for another one
  std::string name;
  std::string email;
  bool site_manager = false;
  std::string public_key;  // blob
  absl::Time create_time;
};

struct ProviderRecord {
  int64_t id = 0;
  std::string name;
  std::string display_name;
  absl::Time create_time;
};

struct WorkspaceRecord {
  int64_t id = 0;  // never used again for another one
  std::string name;
  int64_t owner_id = 0;
  std::string owner;     // the owner's name
  std::string provider;  // the provider's name
  absl::Time create_time;
  absl::Time last_seen_time = absl::InfinitePast();  // InfinitePast: never
};

struct CredentialRecord {
  HashedCredential hashed;
  int64_t user_id = 0;       // of kUser
  int64_t workspace_id = 0;  // of kWorkspace
};

struct NewUser {
  std::string name;
  std::string email;
  bool site_manager = false;
  KeyRecord key;
  HashedCredential token;
};

struct NewWorkspace {
  std::string owner;
  std::string name;
  std::string provider;
  HashedCredential credential;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_STORE_RECORDS_H_
