// What the store keeps: plain values.
#ifndef HOMEPORT_COORDINATOR_STORE_RECORDS_H_
#define HOMEPORT_COORDINATOR_STORE_RECORDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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
  bool key_socket = true;  // whether its workspaces have a key socket
};

// New values of the fields that change.
struct ProviderChange {
  std::optional<std::string> display_name;
  std::optional<bool> key_socket;
};

// The only SSH server that a workspace's sessions may get.
enum class BackendPin { kAuto, kEmbedded, kOpenSsh };

// What a workspace's record says of it for people and for its environment. Each text may be empty.
struct WorkspaceDetails {
  std::string image_uri;
  std::string image_tag;
  std::string image_digest;
  std::string gallery_item_url;
  std::string gallery_service_url;
  std::string base_path;
  BackendPin pinned_backend = BackendPin::kAuto;
};

// New values of the fields that change.
struct WorkspaceChange {
  std::optional<std::string> image_uri;
  std::optional<std::string> image_tag;
  std::optional<std::string> image_digest;
  std::optional<std::string> gallery_item_url;
  std::optional<std::string> gallery_service_url;
  std::optional<std::string> base_path;
  std::optional<BackendPin> pinned_backend;
};

// The host keys of a workspace's OpenSSH as they were last seen.
struct KnownHostKeys {
  std::vector<std::string> keys;                  // blobs
  std::vector<std::string> old_keys;              // before the last change
  absl::Time change_time = absl::InfinitePast();  // InfinitePast: they have never changed
};

struct WorkspaceRecord {
  int64_t id = 0;  // never used again for another one
  std::string name;
  int64_t owner_id = 0;
  std::string owner;     // the owner's name
  std::string provider;  // the provider's name
  absl::Time create_time;
  absl::Time last_seen_time = absl::InfinitePast();  // InfinitePast: never
  WorkspaceDetails details = {};
  KnownHostKeys openssh_host_keys = {};
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
  WorkspaceDetails details = {};
};

// One line of the audit: who did what to what.
struct AuditRecord {
  int64_t id = 0;  // given by the store; grows
  absl::Time time;
  std::string actor;    // resource name
  std::string action;   // as in "key_socket.sign"
  std::string target;   // resource name
  std::string address;  // where the actor's call came from; may be empty
  std::string detail;   // a JSON object
};

// Which lines of the audit; what is empty or 0 asks for nothing.
struct AuditFilter {
  std::string target;
  std::string action;
  int64_t before_id = 0;  // older than this one
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_STORE_RECORDS_H_
