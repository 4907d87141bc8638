#include "coordinator/keys/ecdsa_key_pair.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>

#include <memory>

#include "base/ssh_wire.h"
#include "coordinator/keys/openssh_private_key.h"
#include "coordinator/keys/secret.h"

namespace homeport {
namespace {

constexpr char kCurve[] = "nistp256";
constexpr size_t kPointBytes = 65;  // uncompressed

// Positive, as an mpint's bytes (RFC 4251, 5).
std::string MpintBytes(const BIGNUM* number) {
  std::string bytes(static_cast<size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, reinterpret_cast<unsigned char*>(bytes.data()));
  if (!bytes.empty() && (bytes.front() & 0x80) != 0) bytes.insert(bytes.begin(), '\0');
  return bytes;
}

}  // namespace

absl::StatusOr<EcdsaKeyPair> EcdsaKeyPair::Generate() {
  absl::StatusOr<OpensslKey> key = OpensslKey::Take(EVP_EC_gen("P-256"));
  if (!key.ok()) return key.status();
  return EcdsaKeyPair(*std::move(key));
}

absl::StatusOr<EcdsaKeyPair> EcdsaKeyPair::FromSecret(absl::string_view secret) {
  absl::StatusOr<OpensslKey> key = OpensslKey::FromDer(EVP_PKEY_EC, secret);
  if (!key.ok()) return key.status();
  EcdsaKeyPair pair(*std::move(key));
  if (pair.Point().size() != kPointBytes || pair.key_.bits() != 256) {
    return absl::DataLossError("the private key is on another curve than P-256");
  }
  return pair;
}

std::string EcdsaKeyPair::Point() const {
  // From the coordinates: the key may be set to give its point compressed.
  std::string point(1, '\4');
  for (const char* name : {OSSL_PKEY_PARAM_EC_PUB_X, OSSL_PKEY_PARAM_EC_PUB_Y}) {
    std::string coordinate = key_.Number(name);
    if (coordinate.size() > 32) coordinate.erase(0, coordinate.size() - 32);
    point += std::string(32 - coordinate.size(), '\0') + coordinate;
  }
  return point;
}

std::string EcdsaKeyPair::PublicKeyBlob() const {
  return WireWriter().String(kEcdsaP256Algorithm).String(kCurve).String(Point()).bytes();
}

absl::StatusOr<std::string> EcdsaKeyPair::SignatureBlob(absl::string_view data) const {
  const absl::StatusOr<std::string> der = key_.Sign(EVP_sha256(), data);
  if (!der.ok()) return der.status();
  const auto* at = reinterpret_cast<const unsigned char*>(der->data());
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> signature(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der->size())), ECDSA_SIG_free);
  if (signature == nullptr) return absl::InternalError("OpenSSL made a signature that is none");
  const std::string numbers = WireWriter()
                                  .String(MpintBytes(ECDSA_SIG_get0_r(signature.get())))
                                  .String(MpintBytes(ECDSA_SIG_get0_s(signature.get())))
                                  .bytes();
  return WireWriter().String(kEcdsaP256Algorithm).String(numbers).bytes();
}

std::string EcdsaKeyPair::OpenSshPrivateKey(absl::string_view comment) const {
  const std::string point = Point();
  std::string scalar = key_.Number(OSSL_PKEY_PARAM_PRIV_KEY);
  std::string file =
      OpenSshPrivateKeyFile(PublicKeyBlob(), {kEcdsaP256Algorithm, kCurve, point, scalar}, comment);
  WipeSecret(scalar);
  return file;
}

}  // namespace homeport
