#include "ssh/host_keys.h"

#include <openssl/sha.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "ssh/handles.h"

namespace homeport::ssh {

std::string PublicBlob(ssh_key key) {
  char* text = nullptr;
  if (key == nullptr || ssh_pki_export_pubkey_base64(key, &text) != SSH_OK) return "";
  std::string blob;
  absl::Base64Unescape(text, &blob);
  ssh_string_free_char(text);
  return blob;
}

KeyHandle KeyFromBlob(absl::string_view blob) {
  if (blob.size() < 8) return nullptr;
  const size_t type_size = static_cast<uint8_t>(blob[3]);
  if (blob.size() < 4 + type_size) return nullptr;
  const std::string type(blob.substr(4, type_size));
  ssh_key key = nullptr;
  if (ssh_pki_import_pubkey_base64(absl::Base64Escape(blob).c_str(),
                                   ssh_key_type_from_name(type.c_str()), &key) != SSH_OK) {
    return nullptr;
  }
  return KeyHandle(key);
}

absl::StatusOr<HostKeys> HostKeys::Parse(const std::vector<std::string>& private_keys) {
  HostKeys made;
  for (const std::string& text : private_keys) {
    ssh_key key = nullptr;
    if (ssh_pki_import_privkey_base64(text.c_str(), nullptr, nullptr, nullptr, &key) != SSH_OK) {
      return absl::InvalidArgumentError(
          "a host key is no unencrypted private key in OpenSSH's format");
    }
    made.keys_.emplace_back(key, ssh_key_free);
    made.public_blobs_.push_back(PublicBlob(key));
  }
  if (made.keys_.empty()) return absl::InvalidArgumentError("there is no host key");
  return made;
}

absl::StatusOr<HostKeys> HostKeys::Generate() {
  ssh_key key = nullptr;
  if (ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &key) != SSH_OK) {
    return absl::InternalError("cannot generate an Ed25519 host key");
  }
  HostKeys made;
  made.keys_.emplace_back(key, ssh_key_free);
  made.public_blobs_.push_back(PublicBlob(key));
  return made;
}

std::string Fingerprint(const std::string& public_blob) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(public_blob.data()), public_blob.size(), digest);
  const std::string text =
      absl::Base64Escape(absl::string_view(reinterpret_cast<const char*>(digest), sizeof(digest)));
  return absl::StrCat("SHA256:", absl::StripSuffix(text, "="));
}

}  // namespace homeport::ssh
