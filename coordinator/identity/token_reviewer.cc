#include "coordinator/identity/token_reviewer.h"

#include "coordinator/identity/web_token.h"

namespace homeport {

absl::StatusOr<TokenClaims> TokenReviewer::Verify(absl::string_view token, absl::Time now) {
  const absl::StatusOr<WebToken> parsed = ParseWebToken(token);
  if (!parsed.ok()) return parsed.status();
  absl::StatusOr<TokenClaims> claims = ReadTokenClaims(parsed->payload);
  if (!claims.ok()) return claims;
  absl::Status status = CheckTokenClaims(*claims, issuer_, audience_, now);
  if (!status.ok()) return status;
  const absl::StatusOr<PodIdentity> reviewed = api_.ReviewToken(token, audience_);
  if (!reviewed.ok()) return reviewed.status();
  if (!(*reviewed == claims->pod)) {
    return absl::UnauthenticatedError("Kubernetes says that the token is another pod's");
  }
  return claims;
}

}  // namespace homeport
