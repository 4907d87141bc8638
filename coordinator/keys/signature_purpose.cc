#include "coordinator/keys/signature_purpose.h"

#include <optional>

#include "base/ssh_wire.h"

namespace homeport {
namespace {

constexpr uint8_t kUserauthRequest = 50;  // SSH_MSG_USERAUTH_REQUEST (RFC 4252, 6)
constexpr size_t kMostSessionIdBytes = 64;
constexpr char kHostBoundMethod[] = "publickey-hostbound-v00@openssh.com";
constexpr absl::string_view kSshsigMagic = "SSHSIG";

std::optional<SignaturePurpose> ReadUserauth(absl::string_view data) {
  WireReader reader(data);
  SignaturePurpose purpose;
  purpose.kind = SignaturePurpose::Kind::kUserauth;
  const absl::string_view session_id = reader.String();
  if (session_id.empty() || session_id.size() > kMostSessionIdBytes) return std::nullopt;
  purpose.session_identifier = session_id;
  if (reader.Byte() != kUserauthRequest) return std::nullopt;
  purpose.user = reader.String();
  purpose.service = reader.String();
  const absl::string_view method = reader.String();
  if (method != "publickey" && method != kHostBoundMethod) return std::nullopt;
  if (!reader.Bool()) return std::nullopt;
  reader.String();  // the algorithm
  reader.String();  // the key
  if (method == kHostBoundMethod) {
    purpose.host_key = reader.String();
    if (purpose.host_key.empty()) return std::nullopt;
  }
  if (!reader.AtEnd()) return std::nullopt;
  return purpose;
}

std::optional<SignaturePurpose> ReadSshsig(absl::string_view data) {
  WireReader reader(data);
  SignaturePurpose purpose;
  purpose.kind = SignaturePurpose::Kind::kSshsig;
  if (reader.Raw(kSshsigMagic.size()) != kSshsigMagic) return std::nullopt;
  purpose.name_space = reader.String();
  reader.String();  // reserved
  reader.String();  // the hash's algorithm
  reader.String();  // the hash
  if (!reader.AtEnd() || purpose.name_space.empty()) return std::nullopt;
  return purpose;
}

}  // namespace

SignaturePurpose ReadSignaturePurpose(absl::string_view data) {
  if (const auto userauth = ReadUserauth(data)) return *userauth;
  if (const auto sshsig = ReadSshsig(data)) return *sshsig;
  return {};
}

}  // namespace homeport
