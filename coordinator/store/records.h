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

// A time that has not come: InfinitePast for "never" in the past, InfiniteFuture for "never ends".

struct UserRecord {
  int64_t id = 0;  // never used again for another one
  std::string name;
  std::string email;
  bool site_manager = false;
  bool auditor = false;
  bool suspended = false;
  std::string public_key;  // blob of the assigned key
  absl::Time create_time;
  absl::Time key_create_time = absl::InfinitePast();  // of the assigned key
  absl::Time key_last_used_time = absl::InfinitePast();
  bool has_password = false;
  absl::Time last_sign_in_time = absl::InfinitePast();
};

// New values of the fields that change.
struct UserChange {
  std::optional<std::string> email;
  std::optional<bool> site_manager;
  std::optional<bool> auditor;
  std::optional<bool> suspended;
};

// A public key that a user brought along.
struct OwnKeyRecord {
  int64_t id = 0;  // never used again for another one
  int64_t user_id = 0;
  std::string name;        // for people
  std::string public_key;  // blob
  absl::Time create_time;
  absl::Time last_used_time = absl::InfinitePast();
};

// Who holds a key.
struct KeyHolder {
  UserRecord user;
  int64_t own_key_id = 0;    // 0: it is the assigned key
  std::string own_key_name;  // empty for the assigned key
};

// What people may do in a provider's workspaces; ProviderFeatures in provider.proto says more.
struct ProviderFeatures {
  bool external_connect = true;
  bool port_forwarding = true;
  bool file_transfer = true;
  bool agent_forwarding = true;
  bool x11_forwarding = true;
  bool key_socket = true;
};

enum class ProviderKind { kKubernetes, kOther };

struct ProviderRecord {
  int64_t id = 0;
  std::string name;
  std::string display_name;
  absl::Time create_time;
  ProviderFeatures features = {};
  ProviderKind kind = ProviderKind::kKubernetes;
  std::string name_space = {};  // of Kubernetes
  int workspaces = 0;           // how many it has; counted by the store
};

// New values of the fields that change.
struct ProviderChange {
  std::optional<std::string> display_name;
  std::optional<ProviderKind> kind;
  std::optional<std::string> name_space;
  std::optional<bool> external_connect;
  std::optional<bool> port_forwarding;
  std::optional<bool> file_transfer;
  std::optional<bool> agent_forwarding;
  std::optional<bool> x11_forwarding;
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
  int64_t cpu_limit_millis = 0;      // 0: as its control group says
  int64_t memory_limit_bytes = 0;    // likewise
  std::string service_account = {};  // of Kubernetes, whose pods may be it; empty: no pod may
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
  std::optional<int64_t> cpu_limit_millis;
  std::optional<int64_t> memory_limit_bytes;
  std::optional<std::string> service_account;
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
  absl::Time last_connection_time = absl::InfinitePast();
  std::string last_connection_address = {};                  // an IP address
  absl::Time credential_create_time = absl::InfinitePast();  // of the newest; InfinitePast: none
};

// What is known of a person's token besides its secret.
struct TokenDetails {
  std::string display_name;
  std::string role;  // at most this one, "member", "auditor" or "site-manager"; empty: all
  absl::Time expire_time = absl::InfiniteFuture();
  bool sign_in = false;  // made by a sign-in
  bool by_code = false;  // and that was with a one-time code
};

struct CredentialRecord {
  HashedCredential hashed;
  int64_t user_id = 0;       // of kUser and kSignInCode
  int64_t workspace_id = 0;  // of kWorkspace
  absl::Time create_time;
  TokenDetails details = {};  // for other kinds the expire_time alone
  absl::Time last_used_time = absl::InfinitePast();
  std::string last_used_address = {};  // an IP address
  int64_t number = 0;                  // grows; for the order of lists
};

struct NewUser {
  std::string name;
  std::string email;
  bool site_manager = false;
  KeyRecord key;
  HashedCredential token;
  TokenDetails token_details = {};
  bool auditor = false;
  std::string password_hash = {};  // empty: none
};

struct NewWorkspace {
  std::string owner;
  std::string name;
  std::string provider;
  HashedCredential credential;
  WorkspaceDetails details = {};
};

// What holds for the whole installation; Settings in settings.proto says more.
struct SiteSettings {
  std::string key_algorithm = "ssh-ed25519";  // or ecdsa-sha2-nistp256, or ssh-rsa for 4096 bits
  bool private_key_download = true;
  absl::Duration audit_retention = absl::InfiniteDuration();
  absl::Duration sign_in_lifetime = absl::Hours(12);
};

// One line of the audit: who did what to what.
struct AuditRecord {
  int64_t id = 0;  // given by the store; grows by one
  absl::Time time;
  std::string actor;      // resource name
  std::string action;     // as in "key_socket.sign"
  std::string target;     // resource name
  std::string address;    // where the actor's call came from; may be empty
  std::string detail;     // a JSON object
  std::string hash = {};  // given by the store (audit_chain.h); 32 bytes
};

// Which lines of the audit; what is empty, 0 or infinite asks for nothing.
struct AuditFilter {
  std::string target;     // this resource, or what is below it
  std::string action;     // this one; those that begin with it if it ends in '.'
  int64_t before_id = 0;  // older than this one
  std::string actor = {};
  std::string address = {};                      // an IP address: from there, whatever the port
  absl::Time start_time = absl::InfinitePast();  // of this time or later
  absl::Time end_time = absl::InfiniteFuture();  // before this time
  int64_t after_id = 0;                          // newer than this one
  bool oldest_first = false;
};

// Whether the audit is whole.
struct AuditVerification {
  int64_t entries = 0;
  int64_t first_id = 0;  // 0 if there is none
  int64_t last_id = 0;
  std::string last_hash;
  std::string problem;  // one sentence that names the entry; empty: it is whole
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_STORE_RECORDS_H_
