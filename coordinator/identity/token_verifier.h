// Says whether a service-account token is good: signed by the cluster, for us, and of now.
//
// Threads: any; may block for seconds.
#ifndef HOMEPORT_COORDINATOR_IDENTITY_TOKEN_VERIFIER_H_
#define HOMEPORT_COORDINATOR_IDENTITY_TOKEN_VERIFIER_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "coordinator/identity/token_claims.h"

namespace homeport {

class TokenVerifier {
 public:
  virtual ~TokenVerifier() = default;

  // UNAUTHENTICATED with what does not fit, for a log; UNAVAILABLE if it cannot be found out now.
  virtual absl::StatusOr<TokenClaims> Verify(absl::string_view token, absl::Time now) = 0;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_IDENTITY_TOKEN_VERIFIER_H_
