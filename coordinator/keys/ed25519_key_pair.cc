#include "coordinator/keys/ed25519_key_pair.h"

#include <sodium.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/ssh_wire.h"
#include "coordinator/keys/openssh_private_key.h"

namespace homeport {
namespace {

static_assert(crypto_sign_SECRETKEYBYTES ==
              Ed25519KeyPair::kSeedBytes + Ed25519KeyPair::kPublicKeyBytes);

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

Ed25519KeyPair Ed25519KeyPair::Generate() {
  Ed25519KeyPair pair;
  unsigned char public_key[kPublicKeyBytes];
  crypto_sign_keypair(public_key, pair.secret_.data());
  return pair;
}

absl::StatusOr<Ed25519KeyPair> Ed25519KeyPair::FromSeed(absl::string_view seed) {
  if (seed.size() != kSeedBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("an Ed25519 seed has ", kSeedBytes, " bytes, not ", seed.size()));
  }
  Ed25519KeyPair pair;
  unsigned char public_key[kPublicKeyBytes];
  crypto_sign_seed_keypair(public_key, pair.secret_.data(), Bytes(seed));
  return pair;
}

Ed25519KeyPair::Ed25519KeyPair(Ed25519KeyPair&& other) noexcept : secret_(other.secret_) {
  sodium_memzero(other.secret_.data(), other.secret_.size());
}

Ed25519KeyPair& Ed25519KeyPair::operator=(Ed25519KeyPair&& other) noexcept {
  if (this != &other) {
    secret_ = other.secret_;
    sodium_memzero(other.secret_.data(), other.secret_.size());
  }
  return *this;
}

Ed25519KeyPair::~Ed25519KeyPair() { sodium_memzero(secret_.data(), secret_.size()); }

absl::string_view Ed25519KeyPair::Seed() const {
  return {reinterpret_cast<const char*>(secret_.data()), kSeedBytes};
}

absl::string_view Ed25519KeyPair::PublicKey() const {
  return {reinterpret_cast<const char*>(secret_.data()) + kSeedBytes, kPublicKeyBytes};
}

std::string Ed25519KeyPair::PublicKeyBlob() const {
  return WireWriter().String(kEd25519Algorithm).String(PublicKey()).bytes();
}

std::string Ed25519KeyPair::SignatureBlob(absl::string_view data) const {
  std::string signature(crypto_sign_BYTES, '\0');
  crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr, Bytes(data),
                       data.size(), secret_.data());
  return WireWriter().String(kEd25519Algorithm).String(signature).bytes();
}

std::string Ed25519KeyPair::OpenSshPrivateKey(absl::string_view comment) const {
  const absl::string_view both(reinterpret_cast<const char*>(secret_.data()), secret_.size());
  return OpenSshPrivateKeyFile(PublicKeyBlob(), {kEd25519Algorithm, PublicKey(), both}, comment);
}

std::string AuthorizedKeysLine(absl::string_view public_key_blob, absl::string_view comment) {
  WireReader reader(public_key_blob);
  const absl::string_view algorithm = reader.String();
  return absl::StrCat(algorithm, " ", absl::Base64Escape(public_key_blob),
                      comment.empty() ? "" : " ", comment);
}

}  // namespace homeport
