// What a Kubernetes service-account token says: which pod shows it, for whom it was made and until
// when. Only tokens that are bound to a pod count: the old ones, which nothing but the deletion of
// a Secret ends, name none.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_IDENTITY_TOKEN_CLAIMS_H_
#define HOMEPORT_COORDINATOR_IDENTITY_TOKEN_CLAIMS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace homeport {

// Each is a name of Kubernetes', and can stand in a path.
struct PodIdentity {
  std::string name_space;
  std::string service_account;
  std::string pod;
  std::string pod_uid;
};
bool operator==(const PodIdentity& a, const PodIdentity& b);
// As in "pod=NAMESPACE/NAME service_account=NAME", for logs.
std::string DescribePod(const PodIdentity& pod);

// A DNS subdomain (RFC 1123), as most names of Kubernetes' are: "." and ".." are none.
bool IsKubernetesName(absl::string_view name);

struct TokenClaims {
  std::string issuer;
  std::vector<std::string> audiences;
  absl::Time start_time;  // the later one of `nbf` and `iat`
  absl::Time expire_time;
  PodIdentity pod;
};

// `payload` is the token's (WebToken). UNAUTHENTICATED with what is missing or contradicts itself.
absl::StatusOr<TokenClaims> ReadTokenClaims(absl::string_view payload);

// Clocks may differ that much.
inline constexpr absl::Duration kClockLeeway = absl::Seconds(10);

// UNAUTHENTICATED unless the token is for that audience, of that issuer (any, if empty), and of
// now.
absl::Status CheckTokenClaims(const TokenClaims& claims, absl::string_view issuer,
                              absl::string_view audience, absl::Time now);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_IDENTITY_TOKEN_CLAIMS_H_
