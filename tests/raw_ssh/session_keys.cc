#include "tests/raw_ssh/session_keys.h"

#include <openssl/sha.h>

#include "absl/strings/str_cat.h"
#include "base/ssh_wire.h"

namespace homeport::raw_ssh {
namespace {

constexpr size_t kValueBytes = 32;
constexpr size_t kCipherBytes = 16;  // of aes128-ctr's key and of its counter

using KeyPointer = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string Sha256(absl::string_view bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(Bytes(bytes), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

std::string EncodeMpint(absl::string_view big_endian) {
  while (!big_endian.empty() && big_endian.front() == '\0') big_endian.remove_prefix(1);
  const bool would_be_negative = !big_endian.empty() && (big_endian.front() & 0x80) != 0;
  return WireWriter()
      .String(absl::StrCat(would_be_negative ? std::string(1, '\0') : "", big_endian))
      .bytes();
}

std::string KeyHalf::public_value() const {
  std::string value(kValueBytes, '\0');
  size_t size = value.size();
  EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(value.data()), &size);
  return value;
}

std::string KeyHalf::SharedSecret(absl::string_view peer_public_value) const {
  const KeyPointer peer(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, Bytes(peer_public_value),
                                  peer_public_value.size()),
      &EVP_PKEY_free);
  if (peer == nullptr) return "";
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new(key_.get(), nullptr), &EVP_PKEY_CTX_free);
  std::string secret(kValueBytes, '\0');
  size_t size = secret.size();
  if (EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer(context.get(), peer.get()) != 1 ||
      EVP_PKEY_derive(context.get(), reinterpret_cast<unsigned char*>(secret.data()), &size) != 1) {
    return "";
  }
  return EncodeMpint(secret);
}

std::string ExchangeTranscript::Hash() const {
  return Sha256(WireWriter()
                    .String(client_identification)
                    .String(server_identification)
                    .String(client_kexinit)
                    .String(server_kexinit)
                    .String(host_key)
                    .String(client_value)
                    .String(server_value)
                    .Raw(shared_secret)
                    .bytes());
}

DirectionKeys DeriveKeys(absl::string_view shared_secret, absl::string_view exchange_hash,
                         absl::string_view session_id, char letter) {
  const auto key = [&](int step) {
    const std::string name(1, static_cast<char>(letter + step));
    return Sha256(absl::StrCat(shared_secret, exchange_hash, name, session_id));
  };
  return {key(0).substr(0, kCipherBytes), key(2).substr(0, kCipherBytes), key(4)};
}

bool VerifyEd25519(absl::string_view host_key, absl::string_view signature,
                   absl::string_view signed_bytes) {
  WireReader key_reader(host_key);
  WireReader signature_reader(signature);
  if (key_reader.String() != "ssh-ed25519" || signature_reader.String() != "ssh-ed25519") {
    return false;
  }
  const absl::string_view key_value = key_reader.String();
  const absl::string_view signature_value = signature_reader.String();
  const KeyPointer key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(key_value), key_value.size()),
      &EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  return key != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), Bytes(signature_value), signature_value.size(),
                          Bytes(signed_bytes), signed_bytes.size()) == 1;
}

}  // namespace homeport::raw_ssh
