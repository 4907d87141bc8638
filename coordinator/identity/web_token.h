// Signed JSON web tokens in their compact form (RFC 7515, 3.1), taken apart. Nothing is verified
// here: see token_claims.h, key_set.h and token_verifier.h.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_IDENTITY_WEB_TOKEN_H_
#define HOMEPORT_COORDINATOR_IDENTITY_WEB_TOKEN_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace homeport {

// Kubernetes' have about 1 KiB; gRPC takes 8 KiB of metadata.
inline constexpr size_t kLongestWebToken = 6 << 10;

struct WebToken {
  std::string algorithm;  // as in "RS256" (RFC 7518, 3.1)
  std::string key_id;
  std::string signed_text;  // header and payload, as they were sent
  std::string payload;      // JSON
  std::string signature;    // bytes
};

// Whether it has the outward form: nothing that Homeport hands out has it.
bool LooksLikeWebToken(absl::string_view token);

// UNAUTHENTICATED with what does not fit. Padding, white space and other base64 than base64url are
// refused, and so is a header that names no algorithm or no key, or demands something of whoever
// verifies (`crit`).
absl::StatusOr<WebToken> ParseWebToken(absl::string_view token);

// Base64url without padding (RFC 7515, 2); false for anything else.
bool DecodeBase64Url(absl::string_view text, std::string& bytes);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_IDENTITY_WEB_TOKEN_H_
