// Has Kubernetes' API server say whether a token is good (TokenReview). It also knows which service
// accounts and pods have been deleted.
//
// What the token says of itself is looked at first, so that what cannot be good bothers nobody; and
// what the API server answers must say the same.
//
// Threads: any; blocks as KubernetesApi does.
#ifndef HOMEPORT_COORDINATOR_IDENTITY_TOKEN_REVIEWER_H_
#define HOMEPORT_COORDINATOR_IDENTITY_TOKEN_REVIEWER_H_

#include <string>
#include <utility>

#include "coordinator/identity/kubernetes_api.h"
#include "coordinator/identity/token_verifier.h"

namespace homeport {

class TokenReviewer : public TokenVerifier {
 public:
  // `issuer` may be empty: the API server knows its own. `api` outlives this.
  TokenReviewer(KubernetesApi& api, std::string issuer, std::string audience)
      : api_(api), issuer_(std::move(issuer)), audience_(std::move(audience)) {}

  absl::StatusOr<TokenClaims> Verify(absl::string_view token, absl::Time now) override;

 private:
  KubernetesApi& api_;
  const std::string issuer_;
  const std::string audience_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_IDENTITY_TOKEN_REVIEWER_H_
