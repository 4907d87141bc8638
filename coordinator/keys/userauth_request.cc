#include "coordinator/keys/userauth_request.h"

#include "absl/strings/str_cat.h"
#include "base/ssh_wire.h"
#include "coordinator/keys/key_pair.h"

namespace homeport {
namespace {

constexpr uint8_t kUserauthRequest = 50;  // SSH_MSG_USERAUTH_REQUEST (RFC 4252, 6)
// The exchange hash H is as long as the key exchange's hash: SHA-1 has 20 bytes, SHA-512 64.
constexpr size_t kLeastSessionIdBytes = 16;
constexpr size_t kMostSessionIdBytes = 64;
constexpr char kHostBoundMethod[] = "publickey-hostbound-v00@openssh.com";

absl::Status Wrong(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("this is not the authentication request of this session: ", what));
}

}  // namespace

absl::StatusOr<absl::string_view> CheckUserauthRequest(absl::string_view data,
                                                       const ExpectedUserauthRequest& expected) {
  WireReader reader(data);
  const absl::string_view session_id = reader.String();
  if (session_id.size() < kLeastSessionIdBytes || session_id.size() > kMostSessionIdBytes) {
    return Wrong("the session identifier has not 16 to 64 bytes");
  }
  if (reader.Byte() != kUserauthRequest) return Wrong("it is no SSH_MSG_USERAUTH_REQUEST");
  if (const absl::string_view user = reader.String(); user.empty() || user != expected.os_user) {
    return Wrong("the user name is another one");
  }
  if (reader.String() != "ssh-connection") return Wrong("the service is not ssh-connection");
  const absl::string_view method = reader.String();
  if (method != "publickey" && method != kHostBoundMethod) {
    return Wrong("the method is not public-key authentication");
  }
  // OpenSSH reads any byte but 0 as true; what we sign is the canonical form alone.
  if (reader.Byte() != 1) return Wrong("the flag for a signature is not set");
  const absl::string_view algorithm = reader.String();
  if (!SignsAs(expected.public_key, algorithm)) {
    return Wrong("the algorithm is none of the user's key");
  }
  if (const absl::string_view key = reader.String(); key.empty() || key != expected.public_key) {
    return Wrong("the public key is another one");
  }
  if (method == kHostBoundMethod) {
    const absl::string_view host_key = reader.String();
    if (host_key.empty() || host_key != expected.host_key) {
      return Wrong("it is bound to another host key");
    }
  }
  if (!reader.AtEnd()) return Wrong("it is cut short, or something follows it");
  return algorithm;
}

}  // namespace homeport
