// Credentials that Homeport hands out: `prefix`, 16 hexadecimal digits that name it, `_`, and 256
// random bits.
//
//   hpt_0123456789abcdef_<43 characters>   a person's API token
//   hpa_…                                  a workspace's agent
//   hpp_…                                  a proxy
//   hpc_…                                  a one-time code that signs a person in
//   hps_…                                  the code that makes the first site manager
//
// Only a BLAKE2b-256 hash of the secret part is stored. A slow password hash would add nothing:
// there is no guessing 256 random bits, however fast the hash is.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_KEYS_CREDENTIAL_H_
#define HOMEPORT_COORDINATOR_KEYS_CREDENTIAL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace homeport {

// Whom a credential speaks for.
enum class CredentialKind { kUser, kWorkspace, kProxy, kSignInCode, kSetUpCode };

// The prefix of the kind, "hpt_".
absl::string_view CredentialPrefix(CredentialKind kind);
// For people: "an API token".
absl::string_view CredentialKindName(CredentialKind kind);

// What may be known and stored about a credential.
struct HashedCredential {
  CredentialKind kind = CredentialKind::kUser;
  std::string id;           // 16 hexadecimal digits
  std::string secret_hash;  // 32 bytes
};

struct NewCredential {
  std::string token;  // to be shown once
  HashedCredential hashed;
};

NewCredential MintCredential(CredentialKind kind);

// The one that goes with a key of 32 secret bytes, the same each time: for what several programs
// that share the key have to agree on.
NewCredential DeriveCredential(CredentialKind kind, absl::string_view key);

// Takes a token apart and hashes its secret. UNAUTHENTICATED if it has not the form of a
// credential; says nothing about whether it is a good one.
absl::StatusOr<HashedCredential> ParseCredential(absl::string_view token);

// Whether both hash the same secret; takes the same time wherever they differ.
bool SameSecret(const HashedCredential& a, const HashedCredential& b);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_KEYS_CREDENTIAL_H_
