#include "coordinator/keys/key_pair.h"

#include "base/ssh_wire.h"
#include "coordinator/keys/secret.h"

namespace homeport {
namespace {

// `string name, string secret`.
std::string Tagged(absl::string_view name, std::string secret) {
  const std::string head = WireWriter().String(name).bytes();
  const std::string size = WireWriter().Uint32(static_cast<uint32_t>(secret.size())).bytes();
  std::string tagged;
  tagged.reserve(head.size() + size.size() + secret.size());
  tagged.append(head).append(size).append(secret);
  WipeSecret(secret);
  return tagged;
}

template <typename Made>
absl::StatusOr<KeyPair> AsKeyPair(absl::StatusOr<Made> made) {
  if (!made.ok()) return made.status();
  return KeyPair(*std::move(made));
}

}  // namespace

absl::StatusOr<KeyPair> KeyPair::Generate(KeyAlgorithm algorithm) {
  switch (algorithm) {
    case KeyAlgorithm::kEd25519:
      return KeyPair(Ed25519KeyPair::Generate());
    case KeyAlgorithm::kEcdsaP256:
      return AsKeyPair(EcdsaKeyPair::Generate());
    case KeyAlgorithm::kRsa4096:
      return AsKeyPair(RsaKeyPair::Generate());
  }
  return absl::InvalidArgumentError("there is no such algorithm of keys");
}

absl::StatusOr<KeyPair> KeyPair::FromSecret(absl::string_view secret) {
  if (secret.size() == Ed25519KeyPair::kSeedBytes) {
    return AsKeyPair(Ed25519KeyPair::FromSeed(secret));
  }
  WireReader reader(secret);
  const absl::string_view name = reader.String();
  const absl::string_view body = reader.String();
  if (reader.AtEnd() && name == kEcdsaP256Algorithm) {
    return AsKeyPair(EcdsaKeyPair::FromSecret(body));
  }
  if (reader.AtEnd() && name == kRsaAlgorithm) return AsKeyPair(RsaKeyPair::FromSecret(body));
  return absl::DataLossError("the private key is of no algorithm that is known");
}

std::string KeyPair::Secret() const {
  switch (algorithm()) {
    case KeyAlgorithm::kEd25519:
      return std::string(std::get<Ed25519KeyPair>(pair_).Seed());
    case KeyAlgorithm::kEcdsaP256:
      return Tagged(kEcdsaP256Algorithm, std::get<EcdsaKeyPair>(pair_).Secret());
    case KeyAlgorithm::kRsa4096:
      break;
  }
  return Tagged(kRsaAlgorithm, std::get<RsaKeyPair>(pair_).Secret());
}

std::string KeyPair::PublicKeyBlob() const {
  return std::visit([](const auto& pair) { return pair.PublicKeyBlob(); }, pair_);
}

absl::StatusOr<std::string> KeyPair::SignatureBlob(absl::string_view data, uint32_t flags) const {
  if (const auto* rsa = std::get_if<RsaKeyPair>(&pair_)) {
    return rsa->SignatureBlob(data, (flags & kSignRsaSha256) != 0 ? RsaKeyPair::Hash::kSha256
                                                                  : RsaKeyPair::Hash::kSha512);
  }
  if (const auto* ecdsa = std::get_if<EcdsaKeyPair>(&pair_)) return ecdsa->SignatureBlob(data);
  return std::get<Ed25519KeyPair>(pair_).SignatureBlob(data);
}

std::string KeyPair::OpenSshPrivateKey(absl::string_view comment) const {
  return std::visit([&](const auto& pair) { return pair.OpenSshPrivateKey(comment); }, pair_);
}

std::optional<KeyAlgorithm> KeyAlgorithmOf(absl::string_view public_key_blob) {
  const absl::string_view name = WireReader(public_key_blob).String();
  if (name == kEd25519Algorithm) return KeyAlgorithm::kEd25519;
  if (name == kEcdsaP256Algorithm) return KeyAlgorithm::kEcdsaP256;
  if (name == kRsaAlgorithm) return KeyAlgorithm::kRsa4096;
  return std::nullopt;
}

bool SignsAs(absl::string_view public_key_blob, absl::string_view signature_algorithm) {
  const std::optional<KeyAlgorithm> algorithm = KeyAlgorithmOf(public_key_blob);
  if (!algorithm.has_value()) return false;
  if (algorithm == KeyAlgorithm::kRsa4096) {
    return signature_algorithm == kRsaSha256Algorithm || signature_algorithm == kRsaSha512Algorithm;
  }
  return signature_algorithm == WireReader(public_key_blob).String();
}

uint32_t SignFlags(absl::string_view signature_algorithm) {
  if (signature_algorithm == kRsaSha256Algorithm) return kSignRsaSha256;
  return signature_algorithm == kRsaSha512Algorithm ? kSignRsaSha512 : 0;
}

}  // namespace homeport
