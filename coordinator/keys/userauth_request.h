// Whether bytes that somebody wants signed are a user authentication request, and the one that is
// expected: what stands between a proxy and the owners' private keys.
//
// Threads: any.
#ifndef HOMEPORT_COORDINATOR_KEYS_USERAUTH_REQUEST_H_
#define HOMEPORT_COORDINATOR_KEYS_USERAUTH_REQUEST_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace homeport {

// What the request must say. The views outlive the call alone.
struct ExpectedUserauthRequest {
  absl::string_view os_user;     // user name
  absl::string_view public_key;  // blob of an assigned key
  absl::string_view host_key;    // blob of the key that the server proved to hold
};

// `data` is what a client signs for public-key authentication: the session identifier and an
// SSH_MSG_USERAUTH_REQUEST for the service "ssh-connection" with the method "publickey" (RFC 4252,
// 7) or "publickey-hostbound-v00@openssh.com" (OpenSSH PROTOCOL, 3.1), the signature itself left
// out. Gives the signature algorithm that it names, a view into `data`, which is one that the
// expected key has (SignsAs). INVALID_ARGUMENT names the first field that is not as expected.
absl::StatusOr<absl::string_view> CheckUserauthRequest(absl::string_view data,
                                                       const ExpectedUserauthRequest& expected);

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_KEYS_USERAUTH_REQUEST_H_
