#include "bench/user_key.h"

#include <sodium.h>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/file.h"
#include "base/ssh_wire.h"

namespace homeport::bench {
namespace {

constexpr absl::string_view kMagic("openssh-key-v1\0", 15);
constexpr char kAlgorithm[] = "ssh-ed25519";

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// What stands between the first and the last line, decoded.
std::string Body(absl::string_view pem) {
  std::string base64;
  for (const absl::string_view line : absl::StrSplit(pem, '\n')) {
    if (!absl::StartsWith(line, "-----")) absl::StrAppend(&base64, line);
  }
  std::string body;
  return absl::Base64Unescape(base64, &body) ? body : "";
}

}  // namespace

absl::StatusOr<UserKey> UserKey::Load(const std::string& path) {
  auto pem = ReadSecretFile(path);
  if (!pem.ok()) return pem.status();
  const std::string body = Body(*pem);
  WireReader file(body);
  const bool is_openssh = file.Raw(kMagic.size()) == kMagic;
  const bool is_plain = file.String() == "none";
  file.String();  // kdf
  file.String();  // its options
  const uint32_t keys = file.Uint32();
  UserKey key;
  key.public_blob_ = std::string(file.String());
  WireReader secret(file.String());
  secret.Uint64();  // two equal check numbers
  const bool is_ed25519 = secret.String() == kAlgorithm;
  secret.String();  // the public key again
  key.secret_ = std::string(secret.String());
  if (!is_openssh || !is_plain || keys != 1 || !is_ed25519 || !secret.ok() ||
      key.secret_.size() != crypto_sign_SECRETKEYBYTES) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, " is not an unencrypted Ed25519 key in OpenSSH's format, as ssh-keygen writes it"));
  }
  return key;
}

std::string UserKey::Sign(absl::string_view message) const {
  unsigned char signature[crypto_sign_BYTES];
  crypto_sign_detached(signature, nullptr, Bytes(message), message.size(), Bytes(secret_));
  return WireWriter()
      .String(kAlgorithm)
      .String({reinterpret_cast<const char*>(signature), sizeof signature})
      .bytes();
}

}  // namespace homeport::bench
